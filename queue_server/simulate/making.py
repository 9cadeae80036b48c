"""``python -m queue_server generate``: an invented hall and its days, written as recorded ones are."""

from __future__ import annotations

import argparse
import sys

from queue_server.simulate import generate, traces


def main(chosen: argparse.Namespace) -> int:
    """Exit code 0; 2 with one line where no hall can be made of the numbers."""
    try:
        recipe = generate.Recipe(
            windows=chosen.windows,
            load=chosen.load,
            appointments=chosen.appointments,
            skills=chosen.skills,
            humps=chosen.humps,
            means_wrong=chosen.means_wrong,
            rates_wrong=chosen.rates_wrong,
            seed=chosen.seed,
        )
        made = generate.trace(recipe, chosen.days, chosen.first_day)
        traces.write(chosen.out, made.hall, made.days)
    except (generate.BadRecipe, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    came = [sum(person.came for person in day.persons) for day in made.days]
    sys.stdout.write(f"{chosen.out}: {len(came)} days, {sum(came)} people who come, load {made.hall.load:g}\n")
    return 0
