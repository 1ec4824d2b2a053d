"""Take the README's picture from the built site: ``make site``, ``python tools/screenshot.py``.

The same place of one chapter, in Chinese on light and in English on dark, side by side.
"""

import io
import sys

from browser import find
from PIL import Image
from playwright.sync_api import sync_playwright

from wode.book import ROOT

PAGE, ANCHOR = "0_Pytorch_basics/convolution.html", "#idea"
WIDTH, HEIGHT = 960, 1000
TARGET = ROOT / ".github" / "book.png"


def main() -> None:
    shots = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        for folder, scheme in (("", "light"), ("en/", "dark")):
            file = ROOT / "site" / folder / PAGE
            if not file.is_file():
                sys.exit(f"screenshot: expected {file}, which `make site` makes")
            view = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme
            )
            view.goto(f"{file.as_uri()}{ANCHOR}")
            view.wait_for_timeout(1500)  # formulas and figures are drawn
            shots.append(Image.open(io.BytesIO(view.screenshot())))
        browser.close()
    picture = Image.new("RGB", (2 * WIDTH, HEIGHT))
    for column, shot in enumerate(shots):
        picture.paste(shot, (column * WIDTH, 0))
    picture.quantize(128, dither=Image.Dither.NONE).save(TARGET, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
