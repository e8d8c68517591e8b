"use strict";
// Each chart stands in the page as a still picture. Here it becomes one that fits the window and
// answers the pointer; where that fails, the still picture stays.
function draw(figure) {
  const frame = figure.querySelector("[role=img]");
  const spec = unpacked(JSON.parse(document.getElementById(figure.dataset.chart).textContent));
  const panel = spec.usermeta.panel;
  const room = frame.clientWidth;
  if (spec.columns) {
    spec.columns = Math.max(1, Math.min(spec.columns, Math.floor(room / panel)));
  } else if (room < panel) {
    spec.width = Math.max(160, spec.width - (panel - room));
    spec.config.legend.columns = 2;
  }
  const live = document.createElement("div");
  // The frame says in words what the chart shows; its hundreds of marks are not read one by one.
  live.setAttribute("aria-hidden", "true");
  return vegaEmbed(live, spec, {
    // The interpreter of expressions needs no eval, which the page forbids.
    ast: true,
    actions: false,
    defaultStyle: false,
    mode: "vega-lite",
    renderer: "svg",
    tooltip: { disableDefaultStyle: true },
  }).then(() => frame.replaceChildren(live), console.error);
}

// The page writes the names of a table's fields once, not in every row.
function unpacked(spec) {
  for (const [name, { fields, rows }] of Object.entries(spec.datasets)) {
    spec.datasets[name] = rows.map((row) => Object.fromEntries(fields.map((key, i) => [key, row[i]])));
  }
  return spec;
}

// What scrolls sideways is reached by the key Tab, to be scrolled by the arrows; nothing else is.
function reach() {
  for (const region of document.querySelectorAll(".wide, pre")) {
    if (region.scrollWidth > region.clientWidth) region.setAttribute("tabindex", "0");
    else region.removeAttribute("tabindex");
  }
}

// The list of contents marks the section that is read.
function follow() {
  const links = new Map();
  for (const link of document.querySelectorAll("nav a")) links.set(link.hash.slice(1), link);
  const read = () => {
    let current = null;
    for (const [id, link] of links) {
      link.removeAttribute("aria-current");
      if (document.getElementById(id).getBoundingClientRect().top < innerHeight / 3) current = link;
    }
    if (current) current.setAttribute("aria-current", "location");
  };
  addEventListener("scroll", () => requestAnimationFrame(read), { passive: true });
  read();
}

Promise.all([...document.querySelectorAll("figure[data-chart]")].map(draw)).then(reach);
addEventListener("resize", reach);
follow();
