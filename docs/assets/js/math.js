// Renders the page's formulas with KaTeX; the build leaves them as \(…\) and \[…\] in .arithmatex.
"use strict";

for (const element of document.querySelectorAll(".arithmatex")) {
  const source = element.textContent.trim();
  const displayMode = source.startsWith("\\[");
  katex.render(source.slice(2, -2), element, { displayMode, throwOnError: false, strict: "ignore" });
}
