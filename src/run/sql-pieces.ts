/** A quoted or commented stretch of SQL, or a semicolon: what has to be told apart to see where a statement ends. */
export const PIECES = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|;/g;
