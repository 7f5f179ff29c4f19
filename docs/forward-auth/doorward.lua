-- Asks Doorward whether a request may go on to the app, and as whom. For HAProxy 2.6 and later.

local DOORWARD = "http://127.0.0.1:8080/api/v1/forward-auth"
local HOME = "door.example.org"
local PATIENCE = 5000

-- What the answer says of who asks, and what is left of the client's own cookies and credentials.
local COPIED = {
    "remote-user", "remote-name", "remote-email", "remote-groups", "x-doorward-assertion",
    "cookie", "authorization", "x-api-key",
}

-- What belongs to one connection alone.
local OF_THIS_HOP = {
    ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["keep-alive"] = true,
    ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
}

local function question(txn)
    local headers = {}
    for name, values in pairs(txn.http:req_get_headers()) do
        if not OF_THIS_HOP[name] then
            headers[name] = values
        end
    end
    headers["host"] = { [0] = HOME }
    headers["x-forwarded-uri"] = { [0] = txn.f:pathq() }
    headers["x-forwarded-method"] = { [0] = txn.f:method() }
    return { url = DOORWARD, headers = headers, timeout = PATIENCE }
end

local function pass(txn, answer)
    for _, name in ipairs(COPIED) do
        txn.http:req_del_header(name)
        local values = answer.headers[name]
        if values and values[0] ~= "" then
            txn.http:req_add_header(name, values[0])
        end
    end
    txn:set_var("txn.doorward", "pass")
end

local function refuse(txn, answer)
    local reply = txn:reply()
    reply:set_status(answer.status)
    for name, values in pairs(answer.headers) do
        if not OF_THIS_HOP[name] then
            for _, value in pairs(values) do
                reply:add_header(name, value)
            end
        end
    end
    reply:set_body(answer.body or "")
    txn:done(reply)
end

core.register_action("doorward", { "http-req" }, function(txn)
    local answer = core.httpclient():get(question(txn))
    if answer and answer.status == 200 then
        pass(txn, answer)
    elseif answer and answer.status and answer.status >= 300 then
        refuse(txn, answer)
    else
        txn:done(txn:reply({ status = 503 }))
    end
end)
