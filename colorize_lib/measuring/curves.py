"""Compare ways of rebalancing where they are alike: at equal colourfulness, or at equal AuC.

Every way is a curve of measured rows, one a setting, as in ``result["test"]``. Two ways never meet at
the same number by themselves, so :func:`at_equal` reads between neighbouring rows.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence

Row = Mapping[str, float]


def at_equal(curve: Sequence[Row], along: str, at: float) -> list[dict[str, float]]:
    """Every place where a curve passes ``along = at``, read off the straight lines between its rows.

    Parameters
    ----------
    curve
        Rows with the same keys, in the order of the dial that makes the curve.
    along
        What is to be equal, such as ``"colourfulness_ratio"``.
    at
        Its value.

    Returns
    -------
    list of dict
        All of the rows' keys, in the order of the curve; its dial too, so that one sees which setting
        it would take. Empty where the curve does not reach that far: nothing is extrapolated.

    Examples
    --------
    >>> at_equal([{"x": 0.0, "y": 1.0}, {"x": 1.0, "y": 3.0}], "x", 0.25)
    [{'x': 0.25, 'y': 1.5}]
    """
    found = [dict(row) for row in curve[:1] if row[along] == at]
    for row, following in itertools.pairwise(curve):
        one, other = row[along] - at, following[along] - at
        if other == 0:
            if one != 0:  # a stretch where all are equal counts once, at its start
                found.append(dict(following))
        elif one * other < 0:
            part = one / (one - other)  # in (0, 1)
            found.append({key: row[key] + part * (following[key] - row[key]) for key in row} | {along: at})
    return found


def best_at_equal(
    curves: Iterable[Sequence[Row]], along: str, at: float, metric: str, higher: bool = True
) -> dict[str, float] | None:
    """The best that any of the curves offers at ``along = at``; None where no curve reaches it.

    Parameters
    ----------
    curves
        All that one way has to offer, such as one curve a lambda.
    along, at
        See :func:`at_equal`.
    metric
        What is to be best there.
    higher
        Whether more of it is better.
    """
    found = [row for curve in curves for row in at_equal(curve, along, at)]
    return max(found, key=lambda row: row[metric] if higher else -row[metric], default=None)


def dial_curves(rows: Sequence[Row]) -> list[list[Row]]:
    """The lines of a grid of settings: along the temperature for every lambda, and along lambda for every T.

    Only temperatures measured at every lambda make a line along lambda.
    """
    by_setting = {(row["lam"], row["temperature"]): row for row in rows}
    lambdas, temperatures = (sorted({setting[i] for setting in by_setting}) for i in (0, 1))
    down = [[by_setting[lam, t] for t in temperatures if (lam, t) in by_setting] for lam in lambdas]
    shared = [t for t in temperatures if all((lam, t) in by_setting for lam in lambdas)]
    return down + [[by_setting[lam, t] for lam in lambdas] for t in shared if len(lambdas) > 1]
