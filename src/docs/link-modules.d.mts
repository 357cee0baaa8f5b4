export function linkModules(
  entry: string,
  read: (id: string) => string,
  resolve: (from: string, specifier: string) => string,
): string;
