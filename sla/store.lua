#!lua name=bihuan

-- The store's transitions and its one look, a call each. No policy, and no key name:
-- every key comes from the caller, and all keys of a call carry one hash tag.
-- sla/REDIS.md documents keys, arguments and codes.
--
-- Redis Functions do not roll back: a call checks all that it rests on before
-- its first write, and writes with commands that cannot fail after that.
-- The traps: numbers of ours stay strings, as Lua's lose digits beyond 2^53;
-- and unpack has a limit, so long argument lists go in chunks.

local CHUNK = 1000
local REFUSED_POSITIONS, REFUSED_CASES, REFUSED_TYPES, REFUSED_MOVED = -1, -2, -3, -4

-- This server's time in ms: the real time of all hosts.
local function real_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What a rebuild that is about to switch to another server holds up here: 'drain' (nothing new is claimed or
-- fired) or 'fence' (nothing is committed either). It ends by itself, unless it is for good.
local function held(position_key)
  local kind, upto, owner = string.match(redis.call('HGET', position_key, 'moved') or '', '^(%a+) (%S+) (%S+)$')
  if kind and (upto == '-' or tonumber(upto) > real_ms()) then return kind, owner end
end

-- As text without loss; scores of ours lie far below 2^53.
local function whole(number)
  return string.format('%.0f', number)
end

-- Is each key absent or of its type? Names what is not.
local function check_types(keys, types)
  for i, key in ipairs(keys) do
    local found = redis.call('TYPE', key).ok
    local wanted = types[i] or 'hash'
    if found ~= 'none' and found ~= wanted then return key .. ' is a ' .. found .. ', not a ' .. wanted end
  end
end

-- command key list[1] list[2] …, in chunks of whole groups.
local function in_chunks(command, key, list, group)
  local step = CHUNK - CHUNK % group
  for from = 1, #list, step do
    redis.call(command, key, unpack(list, from, math.min(from + step - 1, #list)))
  end
end

local function read_in_chunks(command, key, list)
  local values = {}
  for from = 1, #list, CHUNK do
    local part = redis.call(command, key, unpack(list, from, math.min(from + CHUNK - 1, #list)))
    for i = 1, #part do values[from + i - 1] = part[i] end
  end
  return values
end

-- Sum of two rows of 32-bit counters; the shorter one is taken as ending in zeros.
-- The second result tells whether any counter is not zero.
local formats = {}
local function add_rows(old, delta)
  local longer = math.max(#old, #delta)
  old = old .. string.rep('\0', longer - #old)
  delta = delta .. string.rep('\0', longer - #delta)
  local n = longer / 4
  local format = formats[n]
  if not format then
    format = '<' .. string.rep('i4', n)
    formats[n] = format
  end
  local a, b, any = {struct.unpack(format, old)}, {struct.unpack(format, delta)}, false
  for i = 1, n do
    a[i] = a[i] + b[i]
    if a[i] ~= 0 then any = true end
  end
  return struct.pack(format, unpack(a, 1, n)), any
end

-- Positions that are not what the caller thinks: {index, true value, …}, or nil.
local function differing_positions(key, positions)
  local fields, differing = {}, {}
  for i, position in ipairs(positions) do fields[i] = position.field end
  local stored = read_in_chunks('HMGET', key, fields)
  for i, position in ipairs(positions) do
    local value = stored[i] or ''
    if value ~= position.expected then
      differing[#differing + 1] = i - 1
      differing[#differing + 1] = value
    end
  end
  return #differing > 0 and differing or nil
end

-- Cases whose stored blob, or lease, is not what the caller rests on: {index, …}, or nil.
local function differing_cases(key, lease_key, cases)
  local fields, differing = {}, {}
  for i, case in ipairs(cases) do fields[i] = case.field end
  local stored, leases = read_in_chunks('HMGET', key, fields), read_in_chunks('ZMSCORE', lease_key, fields)
  for i, case in ipairs(cases) do
    local same = string.sub(stored[i] or '', 1, 8) == case.expected
    if case.lease ~= '' then same = same and leases[i] == case.lease end
    case.leased = leases[i]
    if not same then differing[#differing + 1] = i - 1 end
  end
  return #differing > 0 and differing or nil
end

local function take_arguments(args)
  local at = 0
  local function take()
    at = at + 1
    return args[at]
  end
  local positions, cases, rows = {}, {}, {}
  for i = 1, tonumber(take()) do positions[i] = {field = take(), expected = take(), value = take()} end
  for i = 1, tonumber(take()) do
    cases[i] = {field = take(), expected = take(), blob = take(), due = take(), out = take(), lease = take()}
  end
  for i = 1, tonumber(take()) do rows[i] = {key = tonumber(take()), field = take(), delta = take()} end
  return positions, cases, rows
end

-- An empty blob: nothing is left of it, and nothing else may point there.
local function remove_cases(keys, fields)
  in_chunks('HDEL', keys[1], fields, 1)
  for i = 2, 4 do in_chunks('ZREM', keys[i], fields, 1) end
end

local function write_cases(keys, cases)
  local case_key, due_key, out_key, lease_key = keys[1], keys[2], keys[3], keys[4]
  local now = whole(real_ms())
  local blobs, due, not_due, out, not_out, returned, later, gone = {}, {}, {}, {}, {}, {}, {}, {}
  local function put(list, a, b)
    list[#list + 1] = a
    if b then list[#list + 1] = b end
  end
  for _, case in ipairs(cases) do
    local field = case.field
    if case.blob == '' then put(gone, field) else put(blobs, field, case.blob) end
    if case.due == '-' then put(not_due, field)
    elseif case.due ~= '' then put(due, case.due, field) end
    if case.lease ~= '' then
      put(returned, field)
      if case.out == '-' then put(not_out, field) else put(later, case.out, field) end
    elseif case.out ~= '' and not case.leased then
      put(out, now, field)
    end
  end
  in_chunks('HSET', case_key, blobs, 2)
  in_chunks('ZADD', due_key, due, 2)
  in_chunks('ZREM', due_key, not_due, 1)
  in_chunks('ZREM', lease_key, returned, 1)
  in_chunks('ZADD', out_key, later, 2)
  in_chunks('ZREM', out_key, not_out, 1)
  for from = 1, #out, CHUNK do -- LT: what waits already is not put off
    redis.call('ZADD', out_key, 'LT', unpack(out, from, math.min(from + CHUNK - 1, #out)))
  end
  remove_cases(keys, gone)
end

local function write_rows(keys, rows)
  local by_key = {}
  for _, row in ipairs(rows) do
    local list = by_key[row.key]
    if not list then
      list = {fields = {}, deltas = {}}
      by_key[row.key] = list
    end
    list.fields[#list.fields + 1] = row.field
    list.deltas[#list.deltas + 1] = row.delta
  end
  for index, list in pairs(by_key) do
    local key = keys[index]
    local old = read_in_chunks('HMGET', key, list.fields)
    local set, gone = {}, {}
    for i, field in ipairs(list.fields) do
      local sum, any = add_rows(old[i] or '', list.deltas[i])
      if any then
        set[#set + 1] = field
        set[#set + 1] = sum
      else
        gone[#gone + 1] = field
      end
    end
    in_chunks('HSET', key, set, 2)
    in_chunks('HDEL', key, gone, 1)
    redis.call('SADD', keys[6], key)
  end
end

-- bihuan_commit: cases, timers, outbox, figures and positions of one shard, or nothing.
local function commit(keys, args)
  local wrong = check_types(keys, {'hash', 'zset', 'zset', 'zset', 'hash', 'set'})
  if wrong then return {REFUSED_TYPES, wrong} end
  if held(keys[5]) == 'fence' then return {REFUSED_MOVED} end
  local positions, cases, rows = take_arguments(args)
  local differing = differing_positions(keys[5], positions)
  if differing then return {REFUSED_POSITIONS, unpack(differing)} end
  differing = differing_cases(keys[1], keys[4], cases)
  if differing then return {REFUSED_CASES, unpack(differing, 1, CHUNK)} end
  write_cases(keys, cases)
  write_rows(keys, rows)
  local moved = {}
  for _, position in ipairs(positions) do
    moved[#moved + 1] = position.field
    moved[#moved + 1] = position.value
  end
  in_chunks('HSET', keys[5], moved, 2)
  return {1}
end

-- Fields and their blobs, flat.
local function with_blobs(case_key, fields)
  local blobs, both = read_in_chunks('HMGET', case_key, fields), {}
  for i, field in ipairs(fields) do
    both[2 * i - 1] = field
    both[2 * i] = blobs[i] or ''
  end
  return both
end

-- bihuan_due: cases of a shard whose timer fell due, for the one daemon that holds
-- the shard's timers; holds them (again) when there are any. Nothing when another
-- holds them, or a rebuild holds all up (who asks then has nothing in hand, and lets go). Field, blob and whether no
-- notifier has it, flat.
local function due(keys, args)
  local wrong = check_types(keys, {'zset', 'hash', 'string', 'zset', 'hash'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local owner, hold_ms, upto, limit = args[1], args[2], args[3], args[4]
  local holder = redis.call('GET', keys[3])
  if holder and string.match(holder, '^(.*) %-?%d+$') ~= owner then return {} end
  if held(keys[5]) then
    redis.call('DEL', keys[3])
    return {}
  end
  local fields, all = redis.call('ZRANGEBYSCORE', keys[1], '-inf', upto, 'LIMIT', 0, limit), {}
  if #fields == 0 then return all end
  redis.call('SET', keys[3], owner .. ' ' .. upto, 'PX', hold_ms)
  local blobs, leases = read_in_chunks('HMGET', keys[2], fields), read_in_chunks('ZMSCORE', keys[4], fields)
  for i, field in ipairs(fields) do
    all[3 * i - 2] = field
    all[3 * i - 1] = blobs[i] or ''
    all[3 * i] = leases[i] and '' or '1'
  end
  return all
end

-- Without those that a timer daemon has in hand: it tells what is overdue by itself.
local function not_firing(timer_key, due_key, fields)
  local upto = tonumber(string.match(redis.call('GET', timer_key) or '', ' (%-?%d+)$'))
  if not upto then return fields end
  local kept, scores = {}, read_in_chunks('ZMSCORE', due_key, fields)
  for i, field in ipairs(fields) do
    if not scores[i] or tonumber(scores[i]) > upto then kept[#kept + 1] = field end
  end
  return kept
end

-- bihuan_claim: leases cases that owe something and may be tried by now, first
-- taking back what a notifier left unsettled; none while a rebuild holds all up. The score of the leases comes first.
local function claim(keys, args)
  local wrong = check_types(keys, {'zset', 'zset', 'hash', 'zset', 'string', 'hash'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local now, limit = real_ms(), args[2]
  local lease = whole(now + args[1])
  if held(keys[6]) then return {lease} end
  now = whole(now)
  for _, field in ipairs(redis.call('ZRANGEBYSCORE', keys[2], '-inf', now, 'LIMIT', 0, limit)) do
    redis.call('ZADD', keys[1], now, field)
    redis.call('ZREM', keys[2], field)
  end
  local fields = not_firing(keys[5], keys[4], redis.call('ZRANGEBYSCORE', keys[1], '-inf', now, 'LIMIT', 0, limit))
  local leases = {}
  for i, field in ipairs(fields) do
    leases[2 * i - 1] = lease
    leases[2 * i] = field
  end
  in_chunks('ZREM', keys[1], fields, 1)
  in_chunks('ZADD', keys[2], leases, 2)
  local claimed = with_blobs(keys[3], fields)
  table.insert(claimed, 1, lease)
  return claimed
end

-- bihuan_renew: leases cases on that are still leased at the score given; answers
-- the new score.
local function renew(keys, args)
  local wrong = check_types(keys, {'zset'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local lease, leases = whole(real_ms() + args[1]), {}
  for i = 2, #args, 2 do
    if redis.call('ZSCORE', keys[1], args[i]) == args[i + 1] then
      leases[#leases + 1] = lease
      leases[#leases + 1] = args[i]
    end
  end
  in_chunks('ZADD', keys[1], leases, 2)
  return lease
end

-- bihuan_figures: a shard's rows, key by key as given, and last the cases whose timer
-- lies at or before an instant: all of one moment. Nothing when other keys of
-- figures have come to be meanwhile (the set only grows).
local function figures(keys, args)
  local wrong = check_types(keys, {'set', 'zset', 'hash'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  if redis.call('SCARD', keys[1]) ~= #keys - 3 then return {} end
  local all = {}
  for i = 4, #keys do all[i - 3] = redis.call('HGETALL', keys[i]) end
  all[#all + 1] = with_blobs(keys[3], redis.call('ZRANGEBYSCORE', keys[2], '-inf', args[1]))
  return all
end

-- bihuan_hold: holds up the shard for a rebuild that is about to switch, goes on doing so, or lets go. 1; or 0 where another
-- holds it, or where it should go on and had ended meanwhile.
local function hold(keys, args)
  local wrong = check_types(keys, {'hash'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local kind, ms, owner, go_on = args[1], args[2], args[3], args[4]
  local now_kind, now_owner = held(keys[1])
  if now_kind and now_owner ~= owner or go_on ~= '' and now_kind ~= go_on then return 0 end
  local upto = ms == '-' and ms or whole(real_ms() + ms)
  if kind == '' then redis.call('HDEL', keys[1], 'moved')
  else redis.call('HSET', keys[1], 'moved', kind .. ' ' .. upto .. ' ' .. owner) end
  return 1
end

-- bihuan_record: appends records to a list that is as long as the caller thinks.
local function record(keys, args)
  local wrong = check_types(keys, {'list'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local length = redis.call('LLEN', keys[1])
  if whole(length) ~= args[1] then return length end
  for i = 2, #args do redis.call('RPUSH', keys[1], args[i]) end
  return length + #args - 1
end

-- bihuan_rate: one more by a rate (the generic cell rate algorithm): 0 and it is taken; else the ms to wait, and nothing is.
local function rate(keys, args)
  local wrong = check_types(keys, {'string'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local interval, burst, now = tonumber(args[1]), tonumber(args[2]), real_ms()
  local due = math.max(tonumber(redis.call('GET', keys[1]) or 0), now)
  local wait = due - (burst - 1) * interval - now
  if wait > 0 then return wait end
  redis.call('SET', keys[1], whole(due + interval), 'PX', whole(due + interval - now))
  return 0
end

-- bihuan_head: notes how far a chain of the ledger reaches, and takes away the heads that it was tied to
-- where nobody has noted newer ones.
local function head(keys, args)
  local wrong = check_types(keys, {'hash'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  redis.call('HSET', keys[1], args[1], args[2])
  for i = 3, #args, 2 do
    if redis.call('HGET', keys[1], args[i]) == args[i + 1] then redis.call('HDEL', keys[1], args[i]) end
  end
  return 1
end

-- bihuan_digests: puts states of digests in the place of those that the caller expects there, unless another works on one (its lease, the
-- last two words, has not ended), or a rebuild holds all up. Answers each as it stands then, or '' where it was refused; '-' of one taken away.
local function digests(keys, args)
  local wrong = check_types(keys, {'hash'})
  if wrong then return redis.error_reply('WRONGTYPE ' .. wrong) end
  local owner, ms, now, kind = args[1], args[2], real_ms(), held(keys[1])
  local lease = ms == '0' and ' 0 -' or ' ' .. whole(now + ms) .. ' ' .. owner
  local answers = {}
  for i = 3, #args, 3 do
    local field, expected, value = args[i], args[i + 1], args[i + 2]
    local stored = redis.call('HGET', keys[1], field) or ''
    local upto, holder = string.match(stored, ' (%d+) (%S+)$')
    local mine = holder == owner
    local free = mine or not kind and (not upto or tonumber(upto) <= now)
    local answer = ''
    if stored == expected and free and kind ~= 'fence' then
      answer = value == '' and '-' or value .. lease
      if value == '' then redis.call('HDEL', keys[1], field) else redis.call('HSET', keys[1], field, answer) end
    end
    answers[#answers + 1] = answer
  end
  return answers
end

redis.register_function('bihuan_commit', commit)
redis.register_function('bihuan_due', due)
redis.register_function('bihuan_claim', claim)
redis.register_function('bihuan_renew', renew)
redis.register_function('bihuan_hold', hold)
redis.register_function('bihuan_record', record)
redis.register_function('bihuan_rate', rate)
redis.register_function('bihuan_head', head)
redis.register_function('bihuan_digests', digests)
redis.register_function{function_name = 'bihuan_figures', callback = figures, flags = {'no-writes'}}
