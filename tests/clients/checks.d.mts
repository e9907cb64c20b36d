export function check(what: string, actual: unknown, expected: unknown): void;
export function finish(): void;
