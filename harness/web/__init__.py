"""What all pages share."""
from harness.driver.paths import ROOT

#: The stylesheet of all pages.
STYLE = ROOT / "harness" / "web" / "style.css"
