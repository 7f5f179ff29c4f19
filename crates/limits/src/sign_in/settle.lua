-- Says how a try ended that was admitted.
--
-- KEYS: the network's tries, the identifier's failures.
-- ARGV: `failed`, `succeeded` or `untried`, now, time per try, whether the network is counted. Times are microseconds.

local outcome, now, per = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local function text(number) return string.format('%.0f', number) end

local known = redis.call('HMGET', KEYS[2], 'number', 'last')
if outcome == 'succeeded' then
    redis.call('DEL', KEYS[2])
elseif known[1] and outcome == 'failed' then
    redis.call('HSET', KEYS[2], 'last', text(math.max(tonumber(known[2]), now)))
elseif known[1] then
    redis.call('HSET', KEYS[2], 'number', text(math.max(tonumber(known[1]) - 1, 0)))
end

if ARGV[4] == '1' and outcome ~= 'failed' then
    local due = redis.call('GET', KEYS[1])
    if due then redis.call('SET', KEYS[1], text(tonumber(due) - per), 'KEEPTTL') end
end
return 0
