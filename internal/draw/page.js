"use strict";
const tip = document.getElementById("tip");

// What is at a point of a figure: the text to show, or "".
function under(hits, x, y) {
  const g = hits.Grid;
  if (g) {
    const col = Math.floor((x - g.X) / g.W), row = Math.floor((y - g.Y) / g.H);
    if (col >= 0 && row >= 0 && col < g.Cols.length && row < g.Rows.length) {
      return `${g.XAxis}: ${g.Cols[col]}\n${g.YAxis}: ${g.Rows[row]}\n${g.Values[row][col]}`;
    }
  }
  let best = "", least = Infinity;
  for (const m of hits.Marks || []) {
    if (x < m.X || y < m.Y || x > m.X + m.W || y > m.Y + m.H) continue;
    const d = Math.hypot(x - m.X - m.W / 2, y - m.Y - m.H / 2);
    if (d < least) { least = d; best = m.Text; }
  }
  return best;
}

for (const figure of document.querySelectorAll("figure")) {
  const svg = figure.querySelector("svg");
  const hits = JSON.parse(figure.querySelector("script").textContent);
  svg.addEventListener("mousemove", e => {
    const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const text = under(hits, p.x, p.y);
    tip.hidden = text === "";
    tip.textContent = text;
    if (tip.hidden) return;
    const left = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8);
    const top = Math.min(e.clientY + 14, innerHeight - tip.offsetHeight - 8);
    tip.style.left = Math.max(0, left) + "px";
    tip.style.top = Math.max(0, top) + "px";
  });
  svg.addEventListener("mouseleave", () => { tip.hidden = true; });
}
