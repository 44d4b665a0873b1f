"""Exercises of chapter 10."""

import torch

from .verdict import NotYet, number, result_of, tensor


def exercise_1(share: object) -> str:
    """What share a frame has in the average, when the past counts for four frames and four more are looked at ahead."""
    answer = number(share, "The share")
    if not 0 < answer < 1:
        raise NotYet(f"A share lies between 0 and 1, and yours is {answer:g}.")
    if abs(answer - 1 / 8) < 2e-3:
        raise NotYet("Nearly: the others count for eight, and the frame itself for one more.")
    if abs(answer - 1 / 5) < 2e-3:
        raise NotYet("That is its share in the average over the past. The frames ahead count as well.")
    if abs(answer - 8 / 9) < 2e-3:
        raise NotYet("That is the share of the others.")
    if abs(answer - 1 / 9) > 2e-3:
        raise NotYet("For how many frames do the past, the frame itself and those ahead stand? It is one of them.")
    return "One of nine. What the network says of a single frame, because of its grain, is heard little."


def exercise_2(carried: object) -> str:
    """A function of values, past, its count and trust, and the most it may count: the new average and its count."""
    random = torch.Generator().manual_seed(0)
    values, past = torch.randn(2, 1, 3, 4, 5, generator=random)
    trust, count = torch.rand(2, 1, 1, 4, 5, generator=random)
    count = 1 + 30 * count
    answer = result_of(carried, values, past, count, trust, 9.0)
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise NotYet("Give two things back: the average, and how many frames it stands for.")
    average, number_of = (
        tensor(part, shape, name)
        for part, shape, name in zip(answer, ((1, 3, 4, 5), (1, 1, 4, 5)), ("The average", "The count"), strict=True)
    )
    if torch.allclose(number_of, (trust * count).clamp(max=9), atol=1e-4):
        raise NotYet("The count lacks the new frame: it is one more.")
    if torch.allclose(number_of, 1 + trust * count, atol=1e-4):
        raise NotYet("The past must not count for more than most: clamp it.")
    if torch.allclose(number_of, 1 + trust * count.clamp(max=9), atol=1e-4):
        raise NotYet("Clamp the product of trust and count, not the count alone.")
    weight = (trust * count).clamp(max=9)
    if not torch.allclose(number_of, 1 + weight, atol=1e-4):
        raise NotYet("The count is not 1 + m, with m the smaller of trust times count and most.")
    if torch.allclose(average, values + weight * past, atol=1e-4):
        raise NotYet("That is the sum. Divide it by the count.")
    if not torch.allclose(average, (values + weight * past) / (1 + weight), atol=1e-4):
        raise NotYet("The average is (l + m s) / (1 + m): l is the new frame's, s the past's.")
    return "It is what the library does with every frame, and all the memory that a film needs."
