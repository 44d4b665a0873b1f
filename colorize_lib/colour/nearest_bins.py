"""The bins nearest to a point of the ab plane."""

import torch


class NearestBins:
    """The K nearest bins of a point, exactly, without comparing all Q.

    On an endless square lattice the five points nearest to (u, v) depend only on which of 24
    wedges of its cell it lies in (8 by symmetry, each cut by two lines), and so does their order.
    If all five are bins, no other bin can be nearer, so a table lookup has found them. Otherwise
    (near the rim of the gamut, for K other than 5, or where the centres are on no lattice) the point
    is compared with every bin.
    """

    def __init__(self, centres: torch.Tensor, grid: float, k: int):
        self.centres, self.grid, self.k = centres, grid, k
        cells = (centres / grid).round().long()  # (Q, 2)
        self.reach = int(cells.abs().max()) + 2  # two rows of empty cells around the gamut
        self.side = 2 * self.reach + 1
        # An empty cell counts as minus many, so that a sum over five cells shows if one is empty.
        self.bin_of_cell = torch.full((self.side**2,), -8 * len(centres))
        self.bin_of_cell[((cells + self.reach) * torch.tensor([self.side, 1])).sum(1)] = torch.arange(len(centres))
        self.wedges = self._lattice_neighbours()
        self.on_lattice = torch.equal(cells * float(grid), centres) and len(cells.unique(dim=0)) == len(cells)

    def _lattice_neighbours(self) -> torch.Tensor:
        """``(5, 24)``: the step in ``bin_of_cell`` to the five nearest cells, for every wedge."""
        # For 0 <= v <= u <= 1/2, in cells. Comparing squared distances, (1, 1) is nearer than
        # (-1, 0) where 4u + 2v > 1, and nearer than (0, -1) where also 2u + 4v > 1.
        ordered = (
            ((0, 0), (1, 0), (0, 1), (0, -1), (-1, 0)),
            ((0, 0), (1, 0), (0, 1), (0, -1), (1, 1)),
            ((0, 0), (1, 0), (0, 1), (1, 1), (0, -1)),
        )
        steps = []
        for swap in (False, True):
            for sign_a in (1, -1):
                for sign_b in (1, -1):
                    for neighbours in ordered:
                        pairs = [(j, i) if swap else (i, j) for i, j in neighbours]
                        steps.append([sign_a * i * self.side + sign_b * j for i, j in pairs])
        return torch.tensor(steps, dtype=torch.int32).T.contiguous()

    def nearest(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """``(2, n)`` to squared distances and bins, each ``(K, n)``, nearest first."""
        if self.centres.device != points.device:
            for name in ("centres", "bin_of_cell", "wedges"):
                setattr(self, name, getattr(self, name).to(points.device))
        if self.k != 5 or not self.on_lattice:
            return self._search_all(points)
        cell = (points / self.grid).round()  # (2, n)
        offset = points / self.grid - cell  # (2, n), in [-1/2, 1/2]
        a, b = offset.abs()
        u, v = torch.maximum(a, b), torch.minimum(a, b)
        wedge = (b > a) * 12 + (offset[0] < 0) * 6 + (offset[1] < 0) * 3  # (n,)
        wedge = wedge + (4 * u + 2 * v > 1) + (2 * u + 4 * v > 1).int()
        cell = (cell.int() + self.reach).clamp_(1, self.side - 2)
        place = cell[0] * self.side + cell[1] + self.wedges.index_select(1, wedge)  # (5, n)
        index = self.bin_of_cell.index_select(0, place.flatten()).view(place.shape)  # (5, n)
        rim = (index.sum(0) < 0).nonzero()[:, 0]
        index[:, rim] = 0
        centre = self.centres.T[:, None].expand(2, 5, -1).gather(2, index.expand(2, 5, -1))
        squared = (points[:, None] - centre).square_().sum(0)  # (5, n)
        squared[:, rim], index[:, rim] = self._search_all(points[:, rim])
        return squared, index

    def _search_all(self, points: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        distance = torch.cdist(points.T, self.centres, compute_mode="donot_use_mm_for_euclid_dist")  # (n, Q)
        nearest = torch.topk(distance, self.k, dim=1, largest=False)
        return nearest.values.T**2, nearest.indices.T
