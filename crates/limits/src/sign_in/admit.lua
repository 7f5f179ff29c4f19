-- Counts one try of a network and one failure of an identifier, or refuses both uncounted.
--
-- KEYS: the network's tries, the identifier's failures.
-- ARGV: now, time per try, time of a whole burst, whether the network is counted, free failures, longest delay, memory
-- of a single failure, longest memory. Times are microseconds.
-- Answers how long to wait; 0 when the try is admitted.
--
-- Keys outlive what they say by a minute, so that what is said is decided by the numbers in them alone.

local now, per, span = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local free, longest_delay = tonumber(ARGV[5]), tonumber(ARGV[6])
local memory, longest_memory = tonumber(ARGV[7]), tonumber(ARGV[8])

local function text(number) return string.format('%.0f', number) end
local function remembered(number) return math.min(memory * number * number, longest_memory) end
local function life(micros) return text(math.ceil(micros / 1000) + 60000) end

local due
if ARGV[4] == '1' then
    due = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
    due = math.min(math.max(due, now), now + span) + per
    if due - now > span then return due - now - span end
end

local known = redis.call('HMGET', KEYS[2], 'number', 'last')
local number, last = tonumber(known[1] or '0'), tonumber(known[2] or '0')
if last + remembered(number) <= now then number = 0 end
if number >= free then
    local delay = math.min(1000000 * 2 ^ (number - free), longest_delay)
    local wait = math.min(last, now) + delay - now
    if wait > 0 then return wait end
end

number = number + 1
redis.call('HSET', KEYS[2], 'number', text(number), 'last', text(now))
redis.call('PEXPIRE', KEYS[2], life(remembered(number)))
if due then redis.call('SET', KEYS[1], text(due), 'PX', life(due - now)) end
return 0
