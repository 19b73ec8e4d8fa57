-- The functions of store/sqlite/sqlext.c and sqlsketch.c, for people's SQL on PostgreSQL: the same figures, for which analyze/stats.h and
-- schema/sketch.h have the formulas. Made anew by every migration, before the views.

-- Percentile p, 0 to 100, by type 7 (Hyndman & Fan 1996); NULLs do not count. NaN is last in PostgreSQL's order.
CREATE OR REPLACE FUNCTION tm_percentile_of(x double precision[], p double precision, name text) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  sorted double precision[];
  n bigint;
  h double precision;
  k bigint;
BEGIN
  SELECT array_agg(v ORDER BY v) INTO sorted FROM unnest(x) AS v WHERE v IS NOT NULL;
  n := cardinality(sorted);
  IF n IS NULL THEN
    RETURN NULL;
  END IF;
  IF sorted[n] >= 'infinity' OR sorted[1] = '-infinity' THEN
    RAISE EXCEPTION '%(): argument is infinite', name;
  END IF;
  h := (n - 1) * p / 100;
  k := floor(h);
  IF h = k OR k + 1 >= n THEN
    RETURN sorted[k + 1];
  END IF;
  RETURN sorted[k + 1] + (h - k) * (sorted[k + 2] - sorted[k + 1]);
END $$;

CREATE OR REPLACE FUNCTION tm_median_of(x double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT tm_percentile_of(x, 50, 'median') $$;

CREATE OR REPLACE AGGREGATE median(double precision) (SFUNC = array_append, STYPE = double precision[], FINALFUNC = tm_median_of);

CREATE OR REPLACE FUNCTION tm_mad_of(x double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT tm_percentile_of(array(SELECT abs(v - centre) FROM unnest(x) AS v), 50, 'mad') FROM (SELECT tm_percentile_of(x, 50, 'mad') AS centre) AS middle $$;

CREATE OR REPLACE AGGREGATE mad(double precision) (SFUNC = array_append, STYPE = double precision[], FINALFUNC = tm_mad_of);

CREATE OR REPLACE FUNCTION tm_percent(p double precision, name text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF p >= 0 AND p <= 100 THEN
    RETURN p;
  END IF;
  RAISE EXCEPTION '%(): second argument is not a number from 0 to 100', name;
END $$;

-- p, then the values.
CREATE OR REPLACE FUNCTION tm_percentile_step(state double precision[], x double precision, p double precision) RETURNS double precision[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF state IS NULL THEN
    state := ARRAY[tm_percent(p, 'percentile')];
  ELSIF abs(state[1] - tm_percent(p, 'percentile')) > 0.001 THEN
    RAISE EXCEPTION 'percentile(): second argument is not the same for all rows';
  END IF;
  IF x IS NOT NULL THEN
    state := array_append(state, x);
  END IF;
  RETURN state;
END $$;

CREATE OR REPLACE FUNCTION tm_percentile_end(state double precision[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT tm_percentile_of(state[2:], state[1], 'percentile') $$;

CREATE OR REPLACE AGGREGATE percentile(double precision, double precision) (SFUNC = tm_percentile_step, STYPE = double precision[], FINALFUNC = tm_percentile_end);

CREATE OR REPLACE FUNCTION zscore(x double precision, mean double precision, stdev double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN stdev > 0 THEN (x - mean) / stdev END $$;

-- 1.4826 is TM_MAD_TO_SIGMA.
CREATE OR REPLACE FUNCTION robust_z(x double precision, middle double precision, mad double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN mad > 0 THEN (x - middle) / (1.4826::double precision * mad) END $$;

-- ---- of two columns: analyze/pairs.h has the formulas. variance, stddev and corr are PostgreSQL's own ----

-- The server copies the state for each row, so 5000 pairs are as many as two seconds take; those beyond are refused where they come.
CREATE OR REPLACE FUNCTION tm_pair_step(state point[], x double precision, y double precision, name text, largest double precision) RETURNS point[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF abs(x) >= 'infinity' OR abs(y) >= 'infinity' THEN
    RAISE EXCEPTION '%(): argument is infinite', name;
  END IF;
  IF x IS NULL OR y IS NULL THEN
    RETURN state;
  END IF;
  IF abs(x) > largest OR abs(y) > largest THEN
    RAISE EXCEPTION '%(): argument is beyond 1e75', name;
  END IF;
  IF cardinality(state) = 5000 THEN
    RAISE EXCEPTION '%(): more than 5000 rows, which only a SQLite store can take', name;
  END IF;
  RETURN array_append(state, point(x, y));
END $$;

CREATE OR REPLACE FUNCTION tm_slope_step(state point[], x double precision, y double precision) RETURNS point[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN tm_pair_step(state, x, y, 'slope', 1e75); END $$;

-- All pairs, which here have no quicker way: twelve million at most.
CREATE OR REPLACE FUNCTION tm_slope_of(points point[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (WITH v AS MATERIALIZED (SELECT CASE WHEN abs(p[0]) < 1e-75 THEN 0 ELSE p[0] END AS x, CASE WHEN abs(p[1]) < 1e-75 THEN 0 ELSE p[1] END AS y
                                  FROM unnest(points) AS p)
          SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (b.y - a.y) / (b.x - a.x)) FROM v AS a JOIN v AS b ON a.x < b.x);
END $$;

CREATE OR REPLACE AGGREGATE slope(double precision, double precision) (SFUNC = tm_slope_step, STYPE = point[], FINALFUNC = tm_slope_of);

CREATE OR REPLACE FUNCTION tm_mann_kendall_step(state point[], x double precision, y double precision) RETURNS point[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RETURN tm_pair_step(state, x, y, 'mann_kendall', 'infinity'); END $$;

-- Pairs of which one falls, by the bits of the rank of y: the upper ones alike, then a 1 before a 0 in the order of x.
CREATE OR REPLACE FUNCTION tm_falling(points point[]) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  WITH ranked AS MATERIALIZED (SELECT row_number() OVER (ORDER BY p[0], p[1]) AS i, dense_rank() OVER (ORDER BY p[1]) AS y FROM unnest(points) AS p),
       bits AS (SELECT y >> b & 1 AS bit, sum(y >> b & 1) OVER (PARTITION BY b, y >> b + 1 ORDER BY i) AS ones
                FROM ranked, generate_series(0, ceil(log(2, cardinality(points) + 1))::int) AS b)
  SELECT coalesce(sum(ones), 0)::double precision FROM bits WHERE bit = 0 $$;

CREATE OR REPLACE FUNCTION tm_mann_kendall_of(points point[]) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  n double precision := cardinality(points);
  whole double precision := n * (n - 1);
  x record;
  y record;
  alike double precision;
  s double precision;
  variance double precision;
BEGIN
  SELECT sum(t * (t - 1)) AS two, sum(t * (t - 1) * (t - 2)) AS three, sum(t * (t - 1) * (2 * t + 5)) AS five
  INTO x FROM (SELECT count(*)::double precision AS t FROM unnest(points) AS p GROUP BY p[0]) AS ties;
  SELECT sum(t * (t - 1)) AS two, sum(t * (t - 1) * (t - 2)) AS three, sum(t * (t - 1) * (2 * t + 5)) AS five
  INTO y FROM (SELECT count(*)::double precision AS t FROM unnest(points) AS p GROUP BY p[1]) AS ties;
  SELECT sum(t * (t - 1)) INTO alike FROM (SELECT count(*)::double precision AS t FROM unnest(points) AS p GROUP BY p[0], p[1]) AS ties;
  IF n < 2 OR x.two = whole THEN
    RETURN NULL;
  ELSIF y.two = whole THEN
    RETURN 0;
  END IF;
  s := (whole - x.two - y.two + alike) / 2 - 2 * tm_falling(points);
  variance := (whole * (2 * n + 5) - x.five - y.five) / 18 + x.two * y.two / (2 * whole);
  IF n > 2 THEN
    variance := variance + x.three * y.three / (9 * whole * (n - 2));
  END IF;
  RETURN (s - sign(s)) / sqrt(variance);
END $$;

CREATE OR REPLACE AGGREGATE mann_kendall(double precision, double precision) (SFUNC = tm_mann_kendall_step, STYPE = point[], FINALFUNC = tm_mann_kendall_of);

-- ---- latency sketches: schema/sketch_blob.c describes the bytes ----

CREATE OR REPLACE FUNCTION tm_sketch_damaged(name text) RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$ BEGIN RAISE EXCEPTION '%(): argument is not a sketch, or is damaged', name; END $$;

-- A number of 7 bits a byte, least first, in its shortest form; at moves behind it. NULL: there is none.
CREATE OR REPLACE FUNCTION tm_sketch_number(blob bytea, INOUT at int, OUT value bigint) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  byte int;
  start int := at;
  sum bigint := 0;
BEGIN
  WHILE at < length(blob) AND at - start < 9 LOOP
    byte := get_byte(blob, at);
    sum := sum | ((byte & 127)::bigint << 7 * (at - start));
    at := at + 1;
    IF byte < 128 THEN
      IF at - start = 1 OR byte > 0 THEN
        value := sum;
      END IF;
      RETURN;
    END IF;
  END LOOP;
END $$;

-- The bits of a double that is no less than zero; NULL: there is none.
CREATE OR REPLACE FUNCTION tm_sketch_bits(blob bytea, at int) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN bits >= 0 AND bits < 2047::bigint << 52 THEN bits END
   FROM (SELECT bit_or(get_byte(blob, at + i)::bigint << 8 * i) AS bits FROM generate_series(0, 7) AS i WHERE at + 8 <= length(blob)) AS bytes $$;

CREATE OR REPLACE FUNCTION tm_sketch_real(bits bigint) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN bits = 0 THEN 0
               WHEN bits >> 52 = 0 THEN bits * power(2::double precision, -1074)
               ELSE (1 + (bits & 4503599627370495) / 4503599627370496::double precision) * power(2::double precision, (bits >> 52) - 1023) END $$;

-- Buckets in use, by rising index. An empty sketch has no lowest and no highest.
CREATE OR REPLACE FUNCTION tm_sketch_open(blob bytea, name text, OUT zeros bigint, OUT total bigint, OUT lowest bigint, OUT highest bigint, OUT indices int[], OUT counts bigint[])
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  most CONSTANT bigint := 1::bigint << 62;
  at int := 3;
  used bigint;
  word bigint;
  skipped bigint;
  next bigint := 64;
  count bigint;
BEGIN
  indices := '{}';
  counts := '{}';
  IF length(blob) < 3 OR substr(blob, 1, 3) <> '\x545301' THEN
    PERFORM tm_sketch_damaged(name);
  END IF;
  SELECT n.at, n.value INTO at, zeros FROM tm_sketch_number(blob, at) AS n;
  SELECT n.at, n.value INTO at, used FROM tm_sketch_number(blob, at) AS n;
  IF zeros IS NULL OR used IS NULL OR zeros > most OR used > 131008 THEN
    PERFORM tm_sketch_damaged(name);
  END IF;
  total := zeros;
  IF zeros > 0 OR used > 0 THEN
    lowest := tm_sketch_bits(blob, at);
    highest := tm_sketch_bits(blob, at + 8);
    at := at + 16;
    IF lowest IS NULL OR highest IS NULL OR lowest > highest THEN
      PERFORM tm_sketch_damaged(name);
    END IF;
  END IF;
  FOR i IN 1..used LOOP
    SELECT n.at, n.value INTO at, word FROM tm_sketch_number(blob, at) AS n;
    skipped := 0;
    IF word & 1 = 1 THEN
      SELECT n.at, n.value + 1 INTO at, skipped FROM tm_sketch_number(blob, at) AS n;
    END IF;
    count := (word >> 1) + 1;
    IF word IS NULL OR skipped IS NULL OR skipped > 131008 OR next + skipped >= 131008 OR count > most - total THEN
      PERFORM tm_sketch_damaged(name);
    END IF;
    indices := array_append(indices, (next + skipped)::int);
    counts := array_append(counts, count);
    total := total + count;
    next := next + skipped + 1;
  END LOOP;
  IF at <> length(blob) OR total > 0 AND (greatest(lowest >> 46, 63) <> CASE WHEN zeros > 0 THEN 63 ELSE indices[1] END
                                          OR greatest(highest >> 46, 63) <> CASE WHEN used > 0 THEN indices[used] ELSE 63 END) THEN
    PERFORM tm_sketch_damaged(name);
  END IF;
END $$;

-- The value of that rank, from 0: by its bucket's midpoint, which is known to 1/128.
CREATE OR REPLACE FUNCTION tm_sketch_value(rank bigint, zeros bigint, total bigint, low double precision, high double precision, indices int[], counts bigint[])
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN rank = 0 THEN low
               WHEN rank >= total - 1 THEN high
               WHEN rank < zeros THEN least(greatest(0, low), high)
               ELSE (SELECT least(greatest(tm_sketch_real((index::bigint << 46) + (1::bigint << 45)), low), high)
                     FROM (SELECT i, index, zeros + sum(n) OVER (ORDER BY i) AS seen FROM unnest(indices, counts) WITH ORDINALITY AS b (index, n, i)) AS buckets
                     WHERE seen > rank ORDER BY i LIMIT 1) END $$;

CREATE OR REPLACE FUNCTION sketch_percentile(blob bytea, p double precision) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  s record;
  h double precision;
  k bigint;
  low double precision;
  high double precision;
  value double precision;
BEGIN
  p := tm_percent(p, 'sketch_percentile');
  IF blob IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT * INTO s FROM tm_sketch_open(blob, 'sketch_percentile');
  IF s.total = 0 THEN
    RETURN NULL;
  END IF;
  h := p / 100 * (s.total - 1);
  k := least(floor(h)::bigint, s.total - 1);
  low := tm_sketch_real(s.lowest);
  high := tm_sketch_real(s.highest);
  value := tm_sketch_value(k, s.zeros, s.total, low, high, s.indices, s.counts);
  RETURN value + (h - floor(h)) * (tm_sketch_value(k + 1, s.zeros, s.total, low, high, s.indices, s.counts) - value);
END $$;

CREATE OR REPLACE FUNCTION tm_sketch_put_number(value bigint) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  bytes text := '';
BEGIN
  WHILE value >= 128 LOOP
    bytes := bytes || lpad(to_hex((value & 127 | 128)::int), 2, '0');
    value := value >> 7;
  END LOOP;
  RETURN decode(bytes || lpad(to_hex(value::int), 2, '0'), 'hex');
END $$;

CREATE OR REPLACE FUNCTION tm_sketch_put_bits(bits bigint) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT string_agg(decode(lpad(to_hex((bits >> 8 * i & 255)::int), 2, '0'), 'hex'), ''::bytea ORDER BY i) FROM generate_series(0, 7) AS i $$;

-- NULL where there was none to merge.
CREATE OR REPLACE FUNCTION tm_sketch_merge_of(blobs bytea[]) RETURNS bytea LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  s record;
  b record;
  merged bytea;
  next int := 64;
  used bigint := 0;
BEGIN
  SELECT sum(o.zeros) AS zeros, sum(o.total) AS total, min(o.lowest) AS lowest, max(o.highest) AS highest, count(*) AS n
  INTO s FROM unnest(blobs) AS blob, LATERAL tm_sketch_open(blob, 'sketch_merge') AS o WHERE blob IS NOT NULL;
  IF s.n = 0 THEN
    RETURN NULL;
  END IF;
  IF s.total > 4611686018427387904 THEN
    RAISE EXCEPTION 'sketch_merge(): too many values to count';
  END IF;
  merged := ''::bytea;
  FOR b IN SELECT index, sum(count)::bigint AS count
           FROM unnest(blobs) AS blob, LATERAL tm_sketch_open(blob, 'sketch_merge') AS o, LATERAL unnest(o.indices, o.counts) AS bucket (index, count)
           WHERE blob IS NOT NULL GROUP BY index ORDER BY index LOOP
    merged := merged || tm_sketch_put_number((b.count - 1) << 1 | (b.index > next)::int);
    IF b.index > next THEN
      merged := merged || tm_sketch_put_number(b.index - next - 1);
    END IF;
    next := b.index + 1;
    used := used + 1;
  END LOOP;
  RETURN '\x545301'::bytea || tm_sketch_put_number(s.zeros::bigint) || tm_sketch_put_number(used)
         || CASE WHEN s.total > 0 THEN tm_sketch_put_bits(s.lowest) || tm_sketch_put_bits(s.highest) ELSE ''::bytea END || merged;
END $$;

CREATE OR REPLACE AGGREGATE sketch_merge(bytea) (SFUNC = array_append, STYPE = bytea[], FINALFUNC = tm_sketch_merge_of);
