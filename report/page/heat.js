'use strict';
/* The heat map answers: it has the plugins' names, and its rows are those of the table, in the table's order. The picture is gnuplot's:
 * its rows are copied to where they belong. */
document.addEventListener('DOMContentLoaded', () => {
  const $ = id => document.getElementById(id), heat = $('heat');
  if (!heat) return;
  const { all, day, clamp, html } = Tidemark, map = JSON.parse($('map').textContent), tip = $('tip');
  const place = new Map(map.rows.map((id, row) => [`#p${id}`, row]));
  const cell = html('div'), canvas = html('canvas'), named = map.cellHeight >= 10;
  let rows = [], at = null;
  cell.id = 'cell';
  cell.hidden = true;
  canvas.setAttribute('aria-hidden', 'true');
  heat.after(canvas, cell);
  heat.tabIndex = 0;
  heat.classList.toggle('named', named);

  /* ---- rows in the table's order ---- */

  const label = (pen, name, y) => {
    let text = name;
    while (text.length > 3 && pen.measureText(text).width > gutter() - 12) text = `${text.slice(0, -2).trimEnd()}\u2026`;
    pen.fillText(text, gutter() + map.left - 8, y);
  };
  const gutter = () => heat.offsetLeft;

  const draw = () => {
    if (!heat.naturalWidth) return;
    const ratio = devicePixelRatio || 1, width = gutter() + heat.width, pen = canvas.getContext('2d');
    canvas.width = width * ratio;
    canvas.height = heat.height * ratio;
    pen.scale(ratio, ratio);
    pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--ground');
    pen.fillRect(0, 0, width, heat.height);
    const copy = (from, to, height) => pen.drawImage(heat, 0, from, heat.naturalWidth, height, gutter(), to, heat.width, height);
    const end = map.top + map.rows.length * map.cellHeight;
    copy(0, 0, map.top);
    copy(end, end, heat.height - end);
    pen.font = `${Math.min(12, map.cellHeight)}px system-ui, sans-serif`;
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    rows.forEach((one, row) => {
      const y = map.top + row * map.cellHeight;
      copy(map.top + one.row * map.cellHeight, y, map.cellHeight);
      if (!named) return;
      pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--ground');
      pen.fillRect(0, y, gutter() + map.left - 4, map.cellHeight);
      pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--soft');
      label(pen, one.name, y + map.cellHeight / 2);
    });
  };

  const arrange = () => {
    rows = [...$('all').tBodies[0].rows].filter(row => !row.hidden).map(row => {
      const link = row.querySelector('a');
      return { row: place.get(link.hash), hash: link.hash, name: link.textContent };
    });
    point(-1, -1);
    draw();
  };

  /* ---- what lies under the pointer ---- */

  const point = (row, column) => {
    const known = row >= 0 && row < rows.length && column >= 0 && column < map.columns;
    tip.hidden = cell.hidden = !known;
    at = known ? { row, column } : null;
    if (!known) return;
    const [run, seconds] = all.runs[map.first + column], shown = day(seconds);
    const x = gutter() + map.left + column * map.cellWidth, y = map.top + row * map.cellHeight;
    tip.textContent = `${rows[row].name}, ${run === shown ? run : `${shown} (${run})`}`;
    Object.assign(cell.style, { left: x + 'px', top: y + 'px', width: map.cellWidth + 'px', height: map.cellHeight + 'px' });
    const box = cell.getBoundingClientRect(), half = tip.offsetWidth / 2;
    const left = clamp(box.left - half, 8, innerWidth - 2 * half - 8);
    tip.style.transform = `translate(${left}px, ${box.top > 70 ? box.top - tip.offsetHeight - 10 : box.bottom + 10}px)`;
  };
  const jump = () => {
    if (at) location.hash = rows[at.row].hash;
  };

  heat.addEventListener('pointermove', event => {
    const box = heat.getBoundingClientRect();
    point(Math.floor((event.clientY - box.top - map.top) / map.cellHeight),
      Math.floor((event.clientX - box.left - map.left) / map.cellWidth));
  });
  heat.addEventListener('pointerleave', () => point(-1, -1));
  heat.addEventListener('blur', () => point(-1, -1));
  heat.addEventListener('click', jump);
  heat.addEventListener('keydown', event => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }, step = steps[event.key];
    if (event.key === 'Enter') jump();
    if (event.key === 'Escape') point(-1, -1);
    if (!step) return;
    event.preventDefault();
    const from = at ?? { row: 0, column: map.columns - 1 };
    point(at ? clamp(from.row + step[0], 0, rows.length - 1) : from.row, at ? clamp(from.column + step[1], 0, map.columns - 1) : from.column);
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
  heat.addEventListener('load', draw);
  document.addEventListener('arranged', arrange);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => setTimeout(draw, 100));
  arrange();
});
