/** The part of `node:sqlite` that examples use: the types of Node 20 do not have it. */
declare module 'node:sqlite' {
  export class DatabaseSync {
    constructor(file: string)
    exec(sql: string): void
    prepare(sql: string): {
      get(...values: Array<string | number | null>): Record<string, unknown> | undefined
      run(...values: Array<string | number | null>): { readonly changes: number | bigint }
    }
    close(): void
  }
}
