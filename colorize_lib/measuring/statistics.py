"""How sure can one be of an accuracy, and of a difference between two on the same pictures?

Everywhere ``values`` has one row a picture; a column is a quantity whose mean over pictures is of
interest. The pictures are what is drawn anew, so an interval says how much a result owes to the
pictures that happened to be in the test set. How much it owes to the seed of the training, the
numbers for each seed say, or :func:`draw_seeds`, which draws the trainings anew as well.

Sources
-------
.. [1] B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: percentile intervals.
.. [2] Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
   percentages", Psychometrika 12, 1947; here the exact, binomial version.
.. [3] C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017: the ECE.
.. [4] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
   American Statistical Association 22, 1927.
.. [5] S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6, 1979.
"""

from collections.abc import Sequence

import numpy as np

#: What an interval is to cover.
LEVEL = 0.95
RESAMPLES = 10_000
#: Equal steps of confidence for the ECE.
BINS = 15
#: Resamples at a time: bounds the counts of 5,000 pictures to 20 MB.
_CHUNK = 1000


def bootstrap_means(values: np.ndarray, resamples: int = RESAMPLES, seed: int = 0) -> np.ndarray:
    """Means over pictures drawn with replacement ([1]_).

    Resample r draws the same pictures for every column, and for all ``values`` with as many rows:
    differences and ratios of what this returns are those of paired resamples.

    Parameters
    ----------
    values
        ``(N, M)``: M quantities of N pictures.
    resamples
        R.

    Returns
    -------
    numpy.ndarray
        ``(R, M)`` float64.

    Examples
    --------
    >>> right = np.array([[1.0]] * 60 + [[0.0]] * 40)  # one column: who is right
    >>> [round(end, 1) for end in interval(bootstrap_means(right)[:, 0])]
    [0.5, 0.7]
    """
    n, rng = len(values), np.random.default_rng(seed)
    if not n:
        raise ValueError("No pictures cannot be resampled.")
    parts = []
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        drawn = rng.integers(0, n, (size, n)) + n * np.arange(size)[:, None]  # (size, N)
        counts = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        parts.append(counts.astype(np.float32) @ values.astype(np.float32))  # exact for counts of right and wrong
    return np.concatenate(parts).astype(np.float64) / n


def draw_seeds(values: np.ndarray, stream: int = 0) -> np.ndarray:
    """The mean over trainings, which are drawn anew in every resample as the pictures were: a hierarchical bootstrap.

    Drawn from so few, seeds vary less than they do: to (S - 1) / S of their variance. So what two seeds differ by
    belongs beside an interval made of this.

    Parameters
    ----------
    values
        ``(S, R, ...)``: of S trainings of one network, which differ in their seed alone, R resamples of the pictures.
    stream
        One number for each network, since no two have the same trainings.

    Returns
    -------
    numpy.ndarray
        ``(R, ...)``.

    Examples
    --------
    >>> two = np.stack([np.zeros(1000), np.ones(1000)])  # the pictures make no difference, the seed all of it
    >>> sorted(set(draw_seeds(two).tolist()))
    [0.0, 0.5, 1.0]
    """
    seeds, resamples = values.shape[:2]
    chosen = np.random.default_rng((1, stream)).integers(0, seeds, (seeds, resamples))
    return values[chosen, np.arange(resamples)].mean(0)


def interval(resampled: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """The percentile interval of ``(R,)`` resampled numbers: what is left with both tails cut off."""
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def with_interval(mean: float, resampled: np.ndarray) -> dict[str, float]:
    """A number and the :func:`interval` of its resamples ``(R,)``, as results keep them."""
    low, high = interval(resampled)
    return {"mean": float(mean), "low": low, "high": high}


def wilson(right: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval [4]_ of a share, from ``right`` of ``of`` tosses: all shares that the count does not rule out.

    For few pictures, or a share near 0 or 1, where resampling fails: who is wrong about two of twenty cannot be
    always right, and yet some resamples miss both.

    Raises
    ------
    ValueError
        If there are no pictures, or more right than there are.

    Examples
    --------
    >>> [round(end, 2) for end in wilson(18, 20)]
    [0.7, 0.97]
    """
    from scipy.stats import binomtest

    if not 0 <= right <= of or not of:
        raise ValueError(f"{right} of {of} is no share.")
    low, high = binomtest(right, of).proportion_ci(level, method="wilson")
    return float(low), float(high)


def calibration_gaps(confidence: np.ndarray, correct: np.ndarray, bins: int = BINS) -> np.ndarray:
    """Confidence minus correctness of every picture, in the column of its confidence: ``(N, bins)``.

    The ECE [3]_ is a function of the columns' means alone (:func:`ece`), and so can be resampled
    with everything else.

    Parameters
    ----------
    confidence
        ``(N,)``: the largest probability, in [0, 1].
    correct
        ``(N,)`` bool: whether its class is the true one.
    """
    edges = np.linspace(0, 1, bins + 1, dtype=np.float32)
    column = np.clip(np.searchsorted(edges, confidence.astype(np.float32), side="right") - 1, 0, bins - 1)
    gaps = np.zeros((len(confidence), bins))
    gaps[np.arange(len(confidence)), column] = confidence - correct
    return gaps


def ece(mean_gaps: np.ndarray) -> np.ndarray:
    """The expected calibration error from means of :func:`calibration_gaps`: ``(..., bins)`` to ``(...)``.

    A mean of absolute values: noise alone makes it larger than 0, more so for few pictures.
    """
    return np.abs(mean_gaps).sum(-1)


def holm(p: Sequence[float]) -> list[float]:
    """p-values of several tests, made larger so that one test among them is below 0.05 by chance once in twenty times.

    The smallest is multiplied by how many there are, the next by one fewer, and so on, never below the one
    before nor above 1 ([5]_). Independent or not.
    """
    adjusted, least = [1.0] * len(p), 0.0
    for rank, i in enumerate(np.argsort(p)):
        least = adjusted[i] = min(1.0, max(least, float(p[i]) * (len(p) - rank)))
    return adjusted


def mcnemar(one: np.ndarray, other: np.ndarray) -> tuple[int, int, float]:
    """McNemar's exact test [2]_: are two classifiers, or one on two versions of the pictures, right equally often?

    Only pictures that exactly one gets right can tell. If both were equally good, each such picture
    would be a toss of a coin.

    Parameters
    ----------
    one, other
        ``(N,)`` bool: which pictures each gets right.

    Returns
    -------
    b, c : int
        How many pictures ``one`` alone, and ``other`` alone, gets right.
    p : float
        Two-sided p-value; 1 where the two never differ.
    """
    from scipy.stats import binomtest

    b, c = int((one & ~other).sum()), int((~one & other).sum())
    return b, c, float(binomtest(b, b + c).pvalue) if b + c else 1.0
