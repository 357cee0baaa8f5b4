import { builtins, evaluate, parseTemplate, type Template, type Value } from '../../jinja/jinja.ts';

/** The language's own date and time classes, reached as a template reaches them. */
const CALLS = {
  date: '{{ modules.datetime.datetime.fromisoformat(given).date() }}',
  timestamp: '{{ modules.datetime.datetime.fromisoformat(given) }}',
  epoch: '{{ modules.datetime.datetime.fromtimestamp(given, modules.pytz.utc) }}',
} as const;

const templates = new Map<string, Template>();

function templateOf(kind: keyof typeof CALLS): Template {
  const known = templates.get(kind);
  if (known !== undefined) return known;
  const { value } = parseTemplate({ path: 'python-moment', text: CALLS[kind] }, {});
  if (value === undefined) throw new Error(`${CALLS[kind]} does not parse`);
  templates.set(kind, value);
  return value;
}

/** A Python date, timestamp or (from seconds since 1970, in UTC) aware timestamp; undefined where Python has no such moment. */
export function pythonMoment(kind: keyof typeof CALLS, given: string | number): Value | undefined {
  const outcome = evaluate(templateOf(kind), {
    lookup: (name) => (name === 'given' ? given : builtins.get(name)),
    names: () => [],
  });
  return outcome.kind === 'done' ? outcome.value : undefined;
}
