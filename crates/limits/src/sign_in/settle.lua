-- Says how a try ended that was admitted.
--
-- KEYS: the network's tries, the identifier's failures.
-- ARGV: `failed`, `succeeded` or `untried`, the time of the failure or else of the admission, time per try, whether the
-- network is counted. Times are microseconds.
--
-- What says nothing any more is removed: strangers choose how many keys there are.

local outcome, at, per = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local function text(number) return string.format('%.0f', number) end

local known = redis.call('HMGET', KEYS[2], 'number', 'last')
local number = tonumber(known[1] or '0')
if outcome == 'succeeded' or (outcome == 'untried' and number <= 1) then
    redis.call('DEL', KEYS[2])
elseif known[1] and outcome == 'failed' then
    redis.call('HSET', KEYS[2], 'last', text(math.max(tonumber(known[2]), at)))
elseif known[1] then
    redis.call('HSET', KEYS[2], 'number', text(number - 1))
end

if ARGV[4] == '1' and outcome ~= 'failed' then
    local due = tonumber(redis.call('GET', KEYS[1]) or '0') - per
    if due > at then
        redis.call('SET', KEYS[1], text(due), 'KEEPTTL')
    else
        redis.call('DEL', KEYS[1])
    end
end
return 0
