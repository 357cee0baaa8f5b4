/** Light or dark: the reader's system decides until the reader does. */
const KEY = 'dql-theme';

export function startTheme(): void {
  document.documentElement.dataset.theme =
    kept() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

export function toggleTheme(): void {
  const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  withStorage((storage) => storage.setItem(KEY, theme));
  document.dispatchEvent(new CustomEvent('dql-theme'));
}

const kept = (): string | null => withStorage((storage) => storage.getItem(KEY)) ?? null;

/** Some browsers refuse storage to pages opened from a disk, or altogether; then the choice lasts as long as the page. */
function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
