// node check.mjs FILE: each line of an export is an ExportMetricsServiceRequest by the protobuf definitions that OpenTelemetry publishes. It
// goes from JSON to a message, to bytes, and back: what the definitions do not have, or have in another type, does not come back as it was.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const require = createRequire(import.meta.url);
const root = require('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const Request = root.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;

// Empty lists, empty texts and false are what is not there, for protobuf.
function without_defaults(value) {
  if (Array.isArray(value)) return value.map(without_defaults);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, v]) => !(Array.isArray(v) && v.length === 0) && v !== false && !(v === '' && key !== 'stringValue'));
  return Object.fromEntries(kept.map(([key, v]) => [key, without_defaults(v)]));
}

// The times that are 0 are defaults too.
function without_zero_times(value) {
  return JSON.parse(JSON.stringify(value), (key, v) => (key.endsWith('TimeUnixNano') || key === 'timeUnixNano') && v === '0' ? undefined : v);
}

const lines = readFileSync(process.argv[2], 'utf8').trimEnd().split('\n');
let points = 0;
for (const [i, line] of lines.entries()) {
  const given = JSON.parse(line);
  const bytes = Request.encode(Request.fromObject(given)).finish();
  const back = Request.toObject(Request.decode(bytes), { longs: String });
  const plain = without_zero_times(without_defaults(given)), read = without_zero_times(without_defaults(back));
  if (!isDeepStrictEqual(plain, read)) {
    console.log(`line ${i + 1}: comes back otherwise`);
    console.log(JSON.stringify(plain).slice(0, 3000));
    console.log(JSON.stringify(read).slice(0, 3000));
    process.exit(1);
  }
  points += (line.match(/"asInt"|"asDouble"|"bucketCounts"/g) ?? []).length;
}
console.log(`${lines.length} requests, ${points} points`);
process.exit(points > 0 ? 0 : 1);
