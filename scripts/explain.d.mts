export function explain(errorText: string): { message: string; remedy: string };
