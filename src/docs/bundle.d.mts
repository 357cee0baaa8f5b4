export function bundleSite(folder: string): void;
