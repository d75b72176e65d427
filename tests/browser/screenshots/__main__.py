"""`make screenshots`: the README's pictures; with `--gallery FOLDER` every page in all forms."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.browser.screenshots.camera import Camera, open_camera, write_index
from tests.browser.screenshots.shots import README, SHOTS, Shot
from tests.browser.screenshots.studio import at_work, furnish, open_studio
from tests.support.documents import ROOT

IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Take what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gallery", type=Path, metavar="FOLDER", help="write every page there")
    parser.add_argument("--only", default="", metavar="TEXT", help="pages with this in their names")
    options = parser.parse_args()
    shots = [shot for shot in SHOTS if options.only in shot.name]
    with open_studio() as studio:
        furnish(studio)
        with open_camera(studio) as camera:
            with at_work(studio):
                take(camera, [shot for shot in shots if shot.is_held], options.gallery)
            take(camera, [shot for shot in shots if not shot.is_held], options.gallery)
    if options.gallery:
        write_index([shot.name for shot in shots], options.gallery)


def take(camera: Camera, shots: list[Shot], gallery: Path | None) -> None:
    """Take pictures of pages: of those in the README, or for a gallery of all."""
    for shot in shots:
        if gallery is not None:
            gallery.mkdir(parents=True, exist_ok=True)
            camera.take_all_forms(shot, gallery)
            sys.stderr.write(f"{shot.name}\n")
            continue
        for file in (file for file, name in README.items() if name == shot.name):
            IMAGES.mkdir(parents=True, exist_ok=True)
            camera.take_small(shot, IMAGES / f"{file}.png")
            sys.stderr.write(f"docs/images/{file}.png\n")


if __name__ == "__main__":
    main()
