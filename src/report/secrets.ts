const MASK = '*****';

/**
 * Replaces each secret by `*****`, also where it was escaped for JSON, XML or a URL. Longer secrets first, so that one inside
 * another leaves no rest. Blank secrets are ignored.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  const spellings = new Set<string>();
  for (const secret of secrets)
    if (secret.trim() !== '')
      for (const spelling of [secret, JSON.stringify(secret).slice(1, -1), escapeMarkup(secret), encoded(secret)])
        spellings.add(spelling);
  let masked = text;
  for (const spelling of [...spellings].sort((a, b) => b.length - a.length)) masked = masked.replaceAll(spelling, MASK);
  return masked;
}

function encoded(secret: string): string {
  // A lone surrogate cannot be encoded; it cannot have been put into a URL either.
  return /\p{Surrogate}/u.test(secret) ? secret : encodeURIComponent(secret);
}

/** Text for XML and HTML, in elements and attributes. */
export const escapeMarkup = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');

/** The values of variables whose name says that they are secret: dbt's `DBT_ENV_SECRET_*`, and ours. */
export const secretsIn = (environment: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    value && /^(DBT_ENV_SECRET|DBT_ENGINE_ENV_SECRET|DQL_ENV_SECRET|DQL_SECRET)(_|$)/i.test(name) ? [value] : [],
  );
