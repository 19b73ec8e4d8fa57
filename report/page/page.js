'use strict';
(() => {
  const $ = id => document.getElementById(id);
  const table = $('all'), body = table.tBodies[0], filter = $('filter'), shown = $('shown');
  const boxes = [...document.querySelectorAll('#tools [name=class]')];
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(undefined, { numeric: true });
  const rows = [...body.rows].map((element, place) => {
    const name = element.querySelector('bdi').textContent;
    return { element, place, name, folded: name.toLowerCase(), metric: +element.dataset.m };
  });
  const fallback = { sort: 'verdict', dir: 'desc', filter: '', class: '' };
  const textual = { plugin: 'asc', since: 'desc' };
  const ofOneUnit = { tonight: true, baseline: true };
  let state = { ...fallback };

  /* ---- sorting and filtering ---- */

  const keyOf = (row, column, sort) => {
    if (sort === 'plugin') return row.name;
    if (sort === 'verdict') return -row.place;
    const cell = row.element.cells[column];
    if (sort in textual) return cell.firstChild?.textContent.trim() ?? '';
    const text = cell.dataset.v ?? cell.textContent.replace('\u2212', '-');
    return text === '' ? NaN : parseFloat(text);
  };

  /* What has no value comes last, either way round. */
  const compare = (sort, sign) => (a, b) => {
    const x = a.key, y = b.key, noX = x === '' || x !== x, noY = y === '' || y !== y;
    if (noX || noY) return noX - noY || a.row.place - b.row.place;
    const units = sort in ofOneUnit ? a.row.metric - b.row.metric : 0;
    const order = typeof x === 'string' ? collator.compare(x, y) : x - y;
    return units || sign * order || a.row.place - b.row.place;
  };

  const arrange = () => {
    const column = heads.findIndex(head => head.dataset.key === state.sort);
    const keyed = rows.map(row => ({ row, key: keyOf(row, column, state.sort) }));
    keyed.sort(compare(state.sort, state.dir === 'asc' ? 1 : -1));
    /* As it comes, the table is in order. */
    const there = [...body.rows];
    if (keyed.some((one, i) => one.row.element !== there[i])) body.append(...keyed.map(one => one.row.element));
    heads.forEach((head, i) => {
      if (i === column) head.setAttribute('aria-sort', state.dir === 'asc' ? 'ascending' : 'descending');
      else head.removeAttribute('aria-sort');
    });
  };

  const sift = () => {
    const text = state.filter.toLowerCase(), classes = state.class ? state.class.split(',') : [];
    let n = 0;
    for (const row of rows) {
      const fits = row.folded.includes(text) && (classes.length === 0 || classes.includes(row.element.className));
      row.element.hidden = !fits;
      n += fits;
    }
    document.dispatchEvent(new Event('arranged'));
    shown.textContent = n === rows.length ? `all ${n} shown` : `${n} of ${rows.length} shown`;
  };

  /* ---- the state lives in the page's address ---- */

  const write = () => {
    const parts = Object.keys(fallback).filter(key => state[key] !== fallback[key])
      .map(key => `${key}=${encodeURIComponent(state[key]).replaceAll('%2C', ',')}`);
    history.replaceState(null, '', '#' + (parts.join('&') || 'plugins'));
  };

  const set = change => {
    const sorted = state.sort + state.dir;
    state = { ...state, ...change };
    if (sorted !== state.sort + state.dir) arrange();
    sift();
  };

  const read = () => {
    const hash = Tidemark.given();
    if (hash.has('plugin') && hash.has('run')) return; /* a point, which the script of the charts opens */
    if (hash.has('plugin')) {
      const row = rows.find(one => one.name === hash.get('plugin'));
      if (row) location.replace(row.element.querySelector('a').getAttribute('href'));
      return;
    }
    const known = Object.keys(fallback).filter(key => hash.has(key));
    if (known.length === 0 && location.hash !== '' && location.hash !== '#plugins') return;
    const wanted = { ...fallback, ...Object.fromEntries(known.map(key => [key, hash.get(key)])) };
    if (!heads.some(head => head.dataset.key === wanted.sort)) wanted.sort = fallback.sort;
    if (wanted.dir !== 'asc') wanted.dir = 'desc';
    filter.value = wanted.filter;
    const classes = wanted.class.split(',');
    for (const box of boxes) box.checked = classes.includes(box.value);
    wanted.class = boxes.filter(box => box.checked).map(box => box.value).join();
    set(wanted);
    if (known.length > 0) $('plugins').scrollIntoView();
  };

  for (const head of heads.filter(one => one.dataset.key)) {
    const button = document.createElement('button'), key = head.dataset.key;
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const dir = state.sort !== key ? textual[key] ?? 'desc' : state.dir === 'desc' ? 'asc' : 'desc';
      set({ sort: key, dir });
      write();
    });
  }
  let waiting;
  $('tools').addEventListener('input', () => {
    set({ filter: filter.value, class: boxes.filter(box => box.checked).map(box => box.value).join() });
    clearTimeout(waiting);
    waiting = setTimeout(write, 200);
  });
  $('tools').addEventListener('submit', event => event.preventDefault());
  $('tools').hidden = false;
  addEventListener('hashchange', read);
  arrange();
  sift();
  read();

  /* ---- where there is no chart: the sparkline ---- */

  const rowAt = new Map(rows.map(row => [row.element.querySelector('a').hash, row]));

  document.addEventListener('DOMContentLoaded', () => {
    for (const remark of document.querySelectorAll('.quiet')) {
      const spark = rowAt.get('#' + remark.parentElement.id)?.element.querySelector('.k');
      if (spark) remark.before(spark.cloneNode(true));
    }
  });
})();
