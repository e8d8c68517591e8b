"use strict";
// Each chart stands in the page as a still picture. Here it becomes one that fits the window and
// answers the pointer; where that fails, the still picture stays.
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const frame = figure.querySelector("[role=img]");
  const spec = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const panel = spec.usermeta.panel;
  const room = frame.clientWidth;
  if (spec.columns) {
    spec.columns = Math.max(1, Math.min(spec.columns, Math.floor(room / panel)));
  } else if (room < panel) {
    spec.width = Math.max(160, spec.width - (panel - room));
    spec.config.legend.columns = 2;
  }
  const live = document.createElement("div");
  vegaEmbed(live, spec, {
    // The interpreter of expressions needs no eval, which the page forbids.
    ast: true,
    actions: false,
    defaultStyle: false,
    mode: "vega-lite",
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  }).then(() => frame.replaceChildren(live), console.error);
}
