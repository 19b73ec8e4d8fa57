'use strict';
/* Rows of the plugins that come after the first hundreds, as the table has them, and a section of one when somebody asks for it. */
(() => {
  const source = document.getElementById('brief');
  if (!source) return;
  const { all, unpack, amount, change, fixed, timeOf, day, html, svg, address, short } = Tidemark;
  const body = document.getElementById('all').tBodies[0], briefs = new Map();

  /* In 240 by 48, as those of the table. */
  const spark = ([, , , metric, , steps, text, , baseline]) => {
    const values = metric < 0 ? [] : unpack([steps, text]), known = values.filter(value => value === value);
    if (known.length === 0) return '';
    const ends = [...known, ...(Number.isFinite(baseline) ? [baseline] : [])], low = Math.min(...ends), high = Math.max(...ends);
    const middle = (low + high) / 2, half = Math.max((high - low) / 2, 0.1 * Math.abs(middle)) || 1;
    const x = i => (5 + 230 * i / Math.max(1, values.length - 1)).toFixed(0), y = value => (5 + 38 * (middle + half - value) / (2 * half)).toFixed(0);
    const picture = svg('svg', { class: 'k', viewBox: '0 0 240 48', 'aria-hidden': true });
    if (Number.isFinite(baseline)) svg('path', { class: 'l', d: `M0 ${y(baseline)}h240` }, picture);
    let path = '', up = true;
    values.forEach((value, i) => {
      if (value === value) path += `${up ? 'M' : 'L'}${x(i)} ${y(value)}${up ? 'h0' : ''}`;
      up = value !== value;
    });
    svg('path', { d: path }, picture);
    if (!up) svg('circle', { cx: x(values.length - 1), cy: y(values.at(-1)), r: 5 }, picture);
    return picture;
  };

  const since = ([, , , , , , , , , , run, key, from, to], cell) => {
    if (key === undefined) return;
    const when = run >= 0 ? day(timeOf(run)) : '';
    cell.append(when || key);
    if (when && when !== key) html('small', '', ` (${key})`, cell);
    const both = from && all.compare, link = both ? all.compare : all.commit, parent = link && to ? html('a', '', undefined, cell) : cell;
    if (link && to) parent.href = both ? address(link, from, to) : address(link, to);
    if (to) html('code', '', from ? `${short(from)}..${short(to)}` : short(to), parent);
  };

  const row = one => {
    const [number, name, kind, metric, , , , value, baseline, places] = one, slug = all.classes[kind].replace(' ', '-');
    const line = html('tr', slug), head = html('th', '', undefined, line), cell = (text, key) => {
      const made = html('td', '', text ?? '', line);
      if (Number.isFinite(key)) made.dataset.v = key;
      return made;
    };
    line.dataset.m = metric;
    head.scope = 'row';
    const link = html('a', '', undefined, head);
    link.href = `#p${number}`;
    html('bdi', '', name, link);
    if (metric >= 0) html('small', '', all.metrics[metric][0], head);
    html('b', `v ${slug}`, all.classes[kind], cell());
    cell().append(spark(one));
    const judged = Number.isFinite(value) && Number.isFinite(baseline);
    cell(Number.isFinite(value) ? amount(metric, value, baseline ?? 0) : '', value);
    cell(judged ? amount(metric, baseline, value) : '', baseline);
    cell(judged ? change(metric, value, baseline) : '', judged ? (value - baseline) / Math.max(Math.abs(baseline), 1e-9) : NaN);
    for (const [i, place] of (places?.slice(1) ?? [null, null, null, null]).entries()) cell(place === null ? '' : i % 2 ? `${fixed(place, 0)} %` : fixed(place, 1));
    since(one, cell());
    return line;
  };

  const rows = document.createDocumentFragment();
  for (const one of JSON.parse(source.textContent).slice(1)) {
    briefs.set(`#p${one[0]}`, one);
    rows.append(row(one));
  }
  body.append(rows);
  document.getElementById('brief-remark').remove();

  /* ---- a section when it is asked for ---- */

  const chart = ([number, name, , , height], section) => {
    if (!height) return;
    const image = html('img', '', undefined, html('div', '', undefined, html('div', 'chart', undefined, section)));
    image.closest('.chart').tabIndex = 0;
    image.closest('.chart').setAttribute('role', 'group');
    image.closest('.chart').setAttribute('aria-label', 'Chart');
    Object.assign(image, { width: 760, height, loading: 'lazy', alt: `Chart of ${name}`, src: `${all.charts}/p${number}.svg` });
  };

  const make = one => {
    const [number, name, kind, metric, , , , value, baseline] = one, section = html('section', `plugin ${all.classes[kind].replace(' ', '-')}`);
    section.id = `p${number}`;
    const head = html('h3', '', undefined, section), link = html('a', '', undefined, head);
    link.href = `#p${number}`;
    html('bdi', '', name, link);
    head.append(' ');
    html('b', `v ${all.classes[kind].replace(' ', '-')}`, all.classes[kind], head);
    if (Number.isFinite(value))
      html('p', '', `${all.metrics[metric][0]} ${amount(metric, value, baseline ?? 0)}${Number.isFinite(baseline) ? `, baseline ${amount(metric, baseline, value)}: ${change(metric, value, baseline)}` : ''}`, section);
    since(one, html('p', '', one[11] === undefined ? '' : 'since ', section));
    chart(one, section);
    if (!one[4]) section.append(spark(one));
    document.getElementById('sections').append(section);
    return section;
  };

  const open = () => {
    const one = briefs.get(location.hash);
    if (!one || document.getElementById(location.hash.slice(1))) return;
    make(one);
    location.replace(location.hash);
  };
  document.addEventListener('DOMContentLoaded', () => {
    addEventListener('hashchange', open); /* before, there is no place for a section yet */
    open();
  });
})();
