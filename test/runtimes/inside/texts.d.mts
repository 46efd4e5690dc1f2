export const TEXTS: string[];
export const ROWS: { text: string; label: string }[];
export const TAGGED: { tokens: string[]; tags: string[] }[];
