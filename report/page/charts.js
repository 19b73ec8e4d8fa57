'use strict';
/* A light layer over each chart: points answer, and a stretch of time can be looked at more closely. It is made when its chart comes
 * near, from the numbers beside it. */
(() => {
  const { all, weeks, clamp, unpack, amount, timeOf, day, moment, tics, html, svg, given, address, short } = Tidemark;

  const layerOf = box => {
    const section = box.closest('section'), data = JSON.parse(box.parentElement.querySelector('script').textContent);
    const [width, height] = data.size, [left, right] = data.ends;
    for (const panel of data.panels) panel.values = panel.lines.map(unpack);
    const name = section.querySelector('h3 bdi').textContent, last = all.runs.length - 1;
    const position = run => data.byRun ? weeks + run : timeOf(run);
    const slotPosition = slot => slot >= weeks ? position(slot - weeks) : data.byRun ? slot : all.weeks[slot];
    const whole = [slotPosition(data.first), position(last)];
    const firstRun = Math.max(0, data.first - weeks);
    let range = whole, at = null, pinned = false, drag = null;

    const layer = svg('svg', { class: 'layer', viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: 'application',
      'aria-label': `Points of ${name}: arrow keys walk, plus and minus zoom, 0 shows all, Enter opens` }, box);
    const clip = svg('clipPath', { id: `clip-${section.id}` }, layer);
    const closer = svg('g', { class: 'closer' }, layer), cross = svg('g', { class: 'cross' }, layer);
    const stretch = svg('rect', { class: 'stretch', y: 0, height, width: 0 }, layer);
    svg('rect', { x: left - 5, width: right - left + 10, y: 0, height }, clip);
    const tip = html('div', 'tip', undefined, box);
    tip.tabIndex = -1; /* pressing on it takes the focus no farther than here */
    box.parentElement.removeAttribute('tabindex'); /* the layer is where keys go */
    tip.setAttribute('role', 'status');
    tip.hidden = true;

    /* ---- where things are ---- */

    const isWhole = () => range[0] <= whole[0] && range[1] >= whole[1];
    const xOf = place => range[1] > range[0] ? left + (place - range[0]) / (range[1] - range[0]) * (right - left) : (left + right) / 2;
    const placeAt = x => range[0] + (x - left) / (right - left) * (range[1] - range[0]);
    const yOf = (panel, value) => {
      const [low, high] = panel.view ?? panel.scale, [top, bottom] = panel.box;
      return clamp(bottom - (value - low) / (high - low) * (bottom - top), top, bottom);
    };
    /* The first run that lies at that place or behind it. */
    const runFrom = place => {
      let low = firstRun, high = last + 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (position(middle) < place) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    const isShown = run => run >= firstRun && run <= last && position(run) >= range[0] && position(run) <= range[1];
    const hasValue = (panel, run) => panel.values.some(values => values[run] === values[run]);
    const step = (panel, run, by) => {
      for (let next = run + by; next >= firstRun && next <= last; next += by) if (hasValue(panel, next)) return next;
      return null;
    };
    const nearest = (panel, x) => {
      const place = placeAt(x), from = runFrom(place), after = step(panel, from - 1, 1), before = step(panel, from, -1);
      const candidates = [before, after].filter(run => run !== null && isShown(run));
      candidates.sort((a, b) => Math.abs(position(a) - place) - Math.abs(position(b) - place));
      return candidates[0] ?? null;
    };
    const panelAt = y => data.panels.reduce((best, panel) => {
      const away = one => Math.max(one.box[0] - y, y - one.box[1], 0);
      return away(panel) < away(best) ? panel : best;
    });

    /* ---- what a point says ---- */

    const said = (panel, run) => {
      const classes = data.said.filter(([when, metric]) => when === run && panel.metrics.includes(metric)).map(([, , one]) => one);
      return classes.length ? all.classes[Math.max(...classes)] : '';
    };

    const putCommits = run => {
      const commit = all.runs[run][2];
      if (!commit) return;
      const line = html('div', 'commits', 'commit ', tip);
      const put = (link, text, ...commits) => {
        const target = html(link ? 'a' : 'span', '', undefined, line);
        html('code', '', text, target);
        if (link) target.href = address(link, ...commits);
      };
      put(all.commit, short(commit), commit);
      let before = run - 1;
      while (before >= 0 && (!all.runs[before][2] || all.runs[before][2] === commit)) before--;
      if (before < 0 || !all.compare) return;
      line.append(', since the run before ');
      put(all.compare, `${short(all.runs[before][2])}..${short(commit)}`, all.runs[before][2], commit);
    };

    const write = (panel, run) => {
      const [key, seconds, , factor] = all.runs[run], shown = day(seconds);
      tip.replaceChildren();
      const head = html('div', '', undefined, tip);
      html('b', '', key.includes(moment(seconds).slice(11)) ? shown : moment(seconds).replace(' 00:00', ''), head);
      if (key !== shown) html('span', 'key', ` ${key}`, head);
      panel.metrics.forEach((metric, i) => {
        const value = panel.values[i][run];
        if (value !== value) return;
        const line = html('div', i ? 'beside' : '', `${all.metrics[metric][0]} `, tip);
        html('b', '', amount(metric, value), line);
        if (i === 0 && factor && all.metrics[metric][0] === 'wall time per call')
          line.append(` (measured ${amount(metric, value * (1 + factor))} in this ${factor > 0 ? 'slow' : 'fast'} run)`);
      });
      const verdict = said(panel, run);
      if (verdict) html('b', `v ${verdict.replace(' ', '-')}`, verdict, html('div', '', undefined, tip));
      putCommits(run);
      if (pinned) {
        const here = html('a', '', 'link to this point', html('div', '', undefined, tip));
        here.href = `#plugin=${encodeURIComponent(name)}&run=${encodeURIComponent(key)}`;
      }
    };

    /* Beside the point, where it is in sight; on a phone below it. */
    const place = (x, y) => {
      const scale = layer.clientWidth / width || 1, { scrollLeft, clientWidth } = box.parentElement, wide = tip.offsetWidth;
      const spot = x * scale, low = y * scale;
      const beside = spot + 14 + wide <= scrollLeft + clientWidth ? spot + 14 : spot - 14 - wide >= scrollLeft ? spot - 14 - wide : null;
      const to = beside ?? clamp(spot - wide / 2, scrollLeft, scrollLeft + clientWidth - wide);
      tip.style.transform = `translate(${to}px, ${beside === null ? low + 14 : Math.max(0, low - tip.offsetHeight / 2)}px)`;
    };

    const show = (panel, run) => {
      cross.replaceChildren();
      at = panel && run !== null ? { panel, run } : null;
      tip.hidden = !at;
      tip.classList.toggle('pinned', pinned && !!at);
      if (!at) return;
      const x = xOf(position(run));
      svg('path', { d: `M${x} ${data.panels[0].box[0]}V${data.panels.at(-1).box[1]}` }, cross);
      for (const one of data.panels) {
        one.values.forEach((values, i) => {
          if (values[run] === values[run]) svg('circle', { cx: x, cy: yOf(one, values[run]), r: i ? 2.5 : 4, class: one === panel ? 'here' : '' }, cross);
        });
      }
      write(panel, run);
      const shown = panel.values.find(values => values[run] === values[run]);
      place(x, yOf(panel, shown[run]));
    };

    const pin = on => {
      pinned = on;
      if (at) show(at.panel, at.run);
    };

    /* ---- a stretch of time ---- */

    const fit = panel => {
      let low = Infinity, high = -Infinity;
      const from = runFrom(range[0]), to = runFrom(range[1] + 1e-9);
      for (const values of panel.values)
        for (let run = from; run < to; run++) if (values[run] === values[run]) low = Math.min(low, values[run]), high = Math.max(high, values[run]);
      if (!(high > low)) return (panel.view = panel.scale);
      const margin = Math.max(0.08 * (high - low), 0.02 * Math.abs(high));
      panel.view = [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
    };

    const drawTitle = panel => {
      const flags = data.changes.some(change => panel.metrics.includes(change[2])) ? 17 : 0;
      svg('text', { class: 'title', x: 4, y: panel.box[0] - flags - 8 }, closer).textContent =
        [all.metrics[panel.metrics[0]][0], panel.unit[1]].filter(Boolean).join(', ');
    };

    const drawAxis = panel => {
      const [top, bottom] = panel.box, [scale] = panel.unit;
      if (bottom - top < 40) return;
      for (const [value, text] of tics(panel.view[0] * scale, panel.view[1] * scale, Math.max(2, Math.floor((bottom - top) / 19)))) {
        const y = yOf(panel, value / scale);
        svg('path', { class: 'grid', d: `M${left - 5} ${y}H${right + 5}` }, closer);
        svg('text', { x: left - 11, y: y + 4, 'text-anchor': 'end' }, closer).textContent = text;
      }
    };

    const drawLevels = (panel, group, half) => {
      for (const [from, to, low, median, high, accepted] of panel.levels) {
        const x = xOf(position(from)) - half, end = xOf(position(to)) + half;
        if (end < left || x > right) continue;
        svg('rect', { class: 'band', x, width: Math.max(1, end - x), y: yOf(panel, high), height: yOf(panel, low) - yOf(panel, high) }, group);
        svg('path', { class: accepted ? 'level accepted' : 'level', d: `M${x} ${yOf(panel, median)}H${end}` }, group);
      }
    };

    const drawLine = (panel, values, group, i) => {
      const from = Math.max(firstRun, runFrom(range[0]) - 1), to = Math.min(last, runFrom(range[1]) + 1);
      const dots = !i && (right - left) / (to - from + 1) > 3;
      let path = '';
      for (let run = from; run <= to; run++) {
        const value = values[run];
        if (value !== value) continue;
        const x = xOf(position(run)).toFixed(1), y = yOf(panel, value).toFixed(1);
        path += `${path ? 'L' : 'M'}${x} ${y}`;
        if (dots) svg('circle', { class: 'dot', cx: x, cy: y, r: 2 }, group);
      }
      if (path) svg('path', { class: ['line', 'p95', 'p50'][i], d: path }, group);
    };

    const drawMarks = (panel, group, half) => {
      for (const [run, number, metric, worse] of data.changes) {
        if (!panel.metrics.includes(metric) || !isShown(run)) continue;
        const x = xOf(position(run)) - half;
        svg('path', { class: worse ? 'worse' : 'better', d: `M${x} ${panel.box[0] - 3}V${panel.box[1]}` }, group);
        svg('text', { class: worse ? 'worse' : 'better', x: x - 3, y: panel.box[0] - 6 }, closer).textContent = `${number}: ${day(timeOf(run))}`;
      }
      for (const [run, metric, one] of data.said) {
        const value = panel.values[panel.metrics.indexOf(metric)]?.[run];
        if (value === undefined || value !== value || !isShown(run) || all.classes[one] === 'pass') continue;
        svg('circle', { class: `mark ${all.classes[one].replace(' ', '-')}`, cx: xOf(position(run)), cy: yOf(panel, value), r: 3.5 }, group);
      }
    };

    const drawDates = y => {
      const from = runFrom(range[0]), to = runFrom(range[1] + 1e-9) - 1;
      let before = '', free = 0;
      for (let i = 0; i <= 6; i++) {
        const place = data.byRun ? position(clamp(Math.round(from + (to - from) * i / 6), from, to)) : range[0] + (range[1] - range[0]) * i / 6;
        const text = day(data.byRun ? timeOf(place - weeks) : place), x = xOf(place);
        if (text === before || x < free || x > right + 5) continue;
        before = text, free = x + 84;
        svg('path', { class: 'axis', d: `M${x} ${y}v4` }, closer);
        svg('text', { x, y: y + 18, 'text-anchor': 'middle' }, closer).textContent = text;
      }
      svg('path', { class: 'axis', d: `M${left - 5} ${y}H${right + 5}` }, closer);
    };

    /* The picture is covered where it shows another stretch. */
    const redraw = () => {
      closer.replaceChildren();
      reset.hidden = isWhole();
      for (const panel of data.panels) panel.view = null;
      if (isWhole()) return at && isShown(at.run) ? show(at.panel, at.run) : show(null, null);
      const bottom = data.panels.at(-1).box[1];
      svg('rect', { class: 'cover', x: 0, width, y: 0, height: bottom + 27 }, closer);
      const shown = Math.max(1, runFrom(range[1]) - runFrom(range[0])), half = clamp((right - left) / shown / 2, 1, 12);
      for (const panel of data.panels) {
        fit(panel);
        drawTitle(panel);
        drawAxis(panel);
        const group = svg('g', { 'clip-path': `url(#clip-${section.id})` }, closer);
        drawLevels(panel, group, half);
        for (let i = panel.values.length; i-- > 0;) drawLine(panel, panel.values[i], group, i);
        drawMarks(panel, group, half);
      }
      drawDates(bottom + 3);
      if (at && isShown(at.run)) show(at.panel, at.run);
      else show(null, null);
    };

    /* At least three runs, and never beyond the ends. */
    const zoomTo = (from, to) => {
      const least = data.byRun ? 3 : 3 * (whole[1] - whole[0]) / Math.max(1, last - firstRun), wide = Math.max(to - from, least);
      const most = whole[1] - whole[0], middle = (from + to) / 2;
      const begin = clamp(middle - wide / 2, whole[0], Math.max(whole[0], whole[1] - wide));
      range = wide >= most ? whole : [begin, begin + wide];
      redraw();
    };
    const zoomBy = factor => {
      const middle = at ? position(at.run) : (range[0] + range[1]) / 2, part = (middle - range[0]) / (range[1] - range[0] || 1);
      const wide = (range[1] - range[0]) * factor;
      zoomTo(middle - part * wide, middle + (1 - part) * wide);
    };
    const pan = part => {
      const by = part * (range[1] - range[0]);
      if (!isWhole()) zoomTo(range[0] + by, range[1] + by);
    };

    const tools = html('div', 'zoom', undefined, box);
    const button = (text, label, act) => {
      const one = html('button', '', text, tools);
      one.type = 'button';
      one.setAttribute('aria-label', label);
      one.addEventListener('click', act);
      return one;
    };
    button('+', `Closer: ${name}`, () => zoomBy(0.5));
    button('\u2212', `Farther: ${name}`, () => zoomBy(2));
    button('\u2039', `Earlier: ${name}`, () => pan(-0.5));
    button('\u203a', `Later: ${name}`, () => pan(0.5));
    const reset = button('all', `All runs: ${name}`, () => { range = whole; redraw(); });
    reset.hidden = true;

    /* ---- pointer and keys ---- */

    const pointOf = event => {
      const area = layer.getBoundingClientRect();
      return [(event.clientX - area.left) * width / area.width, (event.clientY - area.top) * height / area.height];
    };

    layer.addEventListener('pointermove', event => {
      const [x, y] = pointOf(event);
      if (drag?.moves) {
        const by = (drag.x - x) / (right - left) * (drag.range[1] - drag.range[0]);
        range = drag.range;
        return zoomTo(drag.range[0] + by, drag.range[1] + by);
      }
      if (drag && Math.abs(x - drag.x) > 5) {
        drag.far = true;
        stretch.setAttribute('x', Math.min(x, drag.x));
        stretch.setAttribute('width', Math.abs(x - drag.x));
      }
      if (pinned) return;
      const panel = panelAt(y);
      show(panel, nearest(panel, x));
    });
    layer.addEventListener('pointerdown', event => {
      const [x, y] = pointOf(event), panel = panelAt(y);
      if (event.button !== 0) return;
      if (event.pointerType === 'mouse') {
        layer.setPointerCapture(event.pointerId);
        drag = { x, range, moves: event.shiftKey && !isWhole() };
      }
      pinned = false;
      show(panel, nearest(panel, x));
    });
    layer.addEventListener('pointerup', event => {
      const [x] = pointOf(event), from = drag;
      drag = null;
      stretch.setAttribute('width', 0);
      if (from?.far) return zoomTo(placeAt(clamp(Math.min(x, from.x), left, right)), placeAt(clamp(Math.max(x, from.x), left, right)));
      if (!from?.moves) pin(true);
    });
    layer.addEventListener('pointercancel', () => { drag = null; stretch.setAttribute('width', 0); });
    layer.addEventListener('pointerleave', () => { if (!pinned && !drag && document.activeElement !== layer) show(null, null); });
    box.addEventListener('focusout', event => {
      if (!box.contains(event.relatedTarget)) { pinned = false; show(null, null); }
    });

    layer.addEventListener('keydown', event => {
      const panel = at?.panel ?? data.panels[0], run = at?.run ?? null, index = data.panels.indexOf(panel);
      const keys = {
        ArrowLeft: () => event.shiftKey ? pan(-0.25) : show(panel, run === null ? nearest(panel, right) : step(panel, run, -1) ?? run),
        ArrowRight: () => event.shiftKey ? pan(0.25) : show(panel, run === null ? nearest(panel, right) : step(panel, run, 1) ?? run),
        ArrowUp: () => walk(index - 1),
        ArrowDown: () => walk(run === null ? 0 : index + 1),
        Home: () => show(panel, nearest(panel, left)),
        End: () => show(panel, nearest(panel, right)),
        '+': () => zoomBy(0.5),
        '=': () => zoomBy(0.5),
        '-': () => zoomBy(2),
        0: () => { range = whole; redraw(); },
        Enter: () => { pin(true); tip.querySelector('a')?.focus(); },
        Escape: () => { pinned = false; show(null, null); },
      };
      const walk = to => {
        const next = data.panels[clamp(to, 0, data.panels.length - 1)];
        show(next, run !== null && hasValue(next, run) ? run : nearest(next, run === null ? right : xOf(position(run))));
      };
      if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
      event.preventDefault();
      pinned = false;
      keys[event.key]();
      if (at && !isShown(at.run) && event.key.startsWith('Arrow') && !event.shiftKey) {
        const wide = range[1] - range[0];
        zoomTo(position(at.run) - wide / 2, position(at.run) + wide / 2);
      }
    });
    tip.addEventListener('keydown', event => {
      if (event.key === 'Escape') layer.focus();
    });

    return key => {
      const run = all.runs.findIndex(one => one[0] === key), panel = data.panels.find(one => hasValue(one, run));
      if (run < 0 || !panel) return;
      pinned = true;
      show(panel, run);
    };
  };

  /* ---- which charts ---- */

  const layers = new Map(), boxes = [...document.querySelectorAll('.chart > div')].filter(box => box.parentElement.querySelector('script'));
  const layer = box => {
    if (!layers.has(box)) layers.set(box, layerOf(box));
    return layers.get(box);
  };
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries.filter(one => one.isIntersecting)) {
      layer(entry.target);
      watcher.unobserve(entry.target);
    }
  }, { rootMargin: '300px' });
  for (const box of boxes) watcher.observe(box);

  /* "#plugin=NAME&run=KEY" opens a point. */
  const open = () => {
    const parts = given();
    if (!parts.has('plugin') || !parts.has('run')) return;
    const section = [...document.querySelectorAll('section.plugin')].find(one => one.querySelector('h3 bdi')?.textContent === parts.get('plugin'));
    const row = section ? null : [...document.querySelectorAll('#all th a')].find(one => one.textContent === parts.get('plugin'));
    if (row) location.replace(row.href); /* its section is made when it is asked for, and has no points */
    const box = section?.querySelector('.chart > div');
    section?.scrollIntoView();
    if (box && boxes.includes(box)) layer(box)(parts.get('run'));
  };
  addEventListener('hashchange', open);
  open();
})();
