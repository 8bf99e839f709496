/**
 * The script of `swap`, and the command of `load`.
 *
 * @module
 */

/**
 * Compare-and-set of one framed record. Arguments: the expected version (empty: no record), the new version, the
 * current time as 16 digits, the new record, and the seconds until its removal (empty: never).
 *
 * A second delivery of the same write finds its own version and answers 1 again. Only a write sets the time to live.
 */
export const swapScript = `local head = redis.call('GETRANGE', KEYS[1], 0, 52)
local found = ''
if #head > 0 then
  if #head < 53 or string.sub(head, 1, 1) ~= '1' then return redis.error_reply('FOREIGN the key holds no record') end
  local id = string.sub(head, 2, 37)
  if id == ARGV[2] then return 1 end
  if string.sub(head, 38, 53) > ARGV[3] then found = id end
end
if found ~= ARGV[1] then return 0 end
if ARGV[5] == '' then
  redis.call('SET', KEYS[1], ARGV[4])
else
  redis.call('SET', KEYS[1], ARGV[4], 'EX', ARGV[5])
end
return 1`

/**
 * Reads a record on a primary only. GETEX without options changes nothing, but it counts as a write: a replica answers
 * READONLY, also after a later demotion, and a client never routes it to a replica.
 */
export const loadCommand = (key: string): ReadonlyArray<string> => ['GETEX', key]

/** The SHA-1 digest by which a server knows a script, in hexadecimal. */
export const scriptDigest = async (script: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(script))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
