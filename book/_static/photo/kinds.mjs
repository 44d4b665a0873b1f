/* What kind of file this is, by its first bytes, and whether its end is there.

   Browsers differ in what they make of half a file: one refuses it, another paints the rest white or grey.
   So it is found out before. And a kind that no browser, or only this one, cannot read is called by its name. */

const text = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));
const BRANDS = { avif: "AVIF", avis: "AVIF", heic: "HEIC", heix: "HEIC", heim: "HEIC", heis: "HEIC", hevc: "HEIC",
  hevx: "HEIC", mif1: "HEIC", msf1: "HEIC", "crx ": "raw" }; // prettier-ignore

/** "JPEG", "PNG", "GIF", "WebP", "BMP", "AVIF", "HEIC", "TIFF", "raw", "JPEG XL", "JPEG 2000", "SVG", "PDF", "film" or null. */
export function kindOf(bytes) {
  const start = text(bytes, 0, 12);
  const starts = (...all) => all.some((magic) => start.startsWith(magic));
  if (starts("\xff\xd8\xff")) return "JPEG";
  if (starts("\x89PNG\r\n\x1a\n")) return "PNG";
  if (starts("GIF87a", "GIF89a")) return "GIF";
  if (starts("RIFF")) return { WEBP: "WebP", "AVI ": "film" }[start.slice(8)] ?? null;
  if (starts("BM")) return "BMP";
  if (starts("FUJIFILM", "IIU\0", "IIRO", "\0MRM")) return "raw";
  if (starts("II*\0", "MM\0*", "II+\0", "MM\0+")) return "TIFF"; // most cameras' raw files too
  if (starts("\xff\x0a", "\0\0\0\x0cJXL ")) return "JPEG XL";
  if (starts("\0\0\0\x0cjP  ", "\xff\x4f\xff\x51")) return "JPEG 2000";
  if (starts("%PDF")) return "PDF";
  if (starts("\x1a\x45\xdf\xa3", "\0\0\x01\xba", "\0\0\x01\xb3")) return "film";
  if (start.slice(4, 8) === "ftyp") return BRANDS[start.slice(8)] ?? "film";
  return /^\s*(<\?xml[^]*?)?(<!--[^]*?-->\s*|<!DOCTYPE svg[^]*?>\s*)*<svg[\s>]/.test(text(bytes, 0, 2048).replace(/^\xef\xbb\xbf/, ""))
    ? "SVG"
    : null;
}

/** Whether a picture file breaks off. Of a kind that is not looked into: false. */
export function missingEnd(bytes) {
  const look = { JPEG: endOfJpeg, PNG: endOfPng, GIF: endOfGif, WebP: endOfWebp, BMP: endOfBmp, AVIF: endOfBoxes, HEIC: endOfBoxes };
  const end = look[kindOf(bytes)];
  if (!end) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return !end(bytes, view);
  } catch (error) {
    if (error instanceof RangeError) return true; // a length was to be read beyond the end
    throw error;
  }
}

/** There is an end marker, and not only that of a preview inside a segment. More may follow: phones put films there. */
function endOfJpeg(bytes, view) {
  for (let at = bytes.indexOf(0xff, 2); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1];
    if (marker === 0xd9) return true;
    if (marker === 0xff) at += 1;
    else if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return false;
}

function endOfPng(bytes, view) {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (text(bytes, at + 4, at + 8) === "IEND") return true;
  }
  return false;
}

/** The end of the first picture, which is the one that is coloured. */
function endOfGif(bytes, view) {
  const table = (flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(view.getUint8(10));
  for (;;) {
    const block = view.getUint8(at);
    const picture = block === 0x2c;
    if (!picture && block !== 0x21) return false;
    at += picture ? 11 + table(view.getUint8(at + 9)) : 2;
    for (let length = view.getUint8(at++); length; length = view.getUint8(at++)) at += length;
    if (picture) return true;
  }
}

const endOfWebp = (bytes, view) => 8 + view.getUint32(4, true) <= bytes.length;

/** All rows of pixels are there, where they are not packed. */
function endOfBmp(bytes, view) {
  const header = view.getUint32(14, true);
  if (header < 40 || ![0, 3].includes(view.getUint32(30, true))) return true;
  const [width, height, bits] = [view.getInt32(18, true), Math.abs(view.getInt32(22, true)), view.getUint16(28, true)];
  return view.getUint32(10, true) + 4 * Math.ceil((width * bits) / 32) * height <= bytes.length;
}

/** AVIF and HEIC are boxes one after another, each with its length. */
function endOfBoxes(bytes, view) {
  let at = 0;
  while (at < bytes.length) {
    const length = view.getUint32(at);
    if (length === 0) return true; // to the end of the file, wherever that is
    at += length === 1 ? Number(view.getBigUint64(at + 8)) : length;
  }
  return at === bytes.length;
}
