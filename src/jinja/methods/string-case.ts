/** Python's str.capitalize. */
export function capitalized(text: string): string {
  const [first = ''] = Array.from(text);
  return first.toUpperCase() + text.slice(first.length).toLowerCase();
}

/** Python's str.title: every letter that follows no letter is upper case. */
export const titled = (text: string): string => text.replace(/\p{L}+/gu, (word) => capitalized(word));

export const swappedCase = (text: string): string =>
  Array.from(text, (character) => {
    const upper = character.toUpperCase();
    return character === upper ? character.toLowerCase() : upper;
  }).join('');

/** Python's str.casefold, as far as lower case and the German sharp s go. */
export const caseFolded = (text: string): string => text.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ');

/** Python's strip: whitespace, or any of the given characters. */
export function strip(text: string, chars: string | undefined, atStart: boolean, atEnd: boolean): string {
  if (chars === undefined) return atStart ? (atEnd ? text.trim() : text.trimStart()) : text.trimEnd();
  const unwanted = new Set(chars);
  const all = Array.from(text);
  let from = 0;
  let to = all.length;
  while (atStart && from < to && unwanted.has(all[from] ?? '')) from++;
  while (atEnd && to > from && unwanted.has(all[to - 1] ?? '')) to--;
  return all.slice(from, to).join('');
}
