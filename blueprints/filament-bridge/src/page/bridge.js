// The page of the bridge: asks the API, shows what it says.

const at = (id) => document.getElementById(id);
let token = "";

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail?.message ?? `the bridge answers ${answer.status}`);
  return said;
}

const told = (work) => async (event) => {
  event?.preventDefault();
  at("said").textContent = "";
  try {
    await work();
  } catch (error) {
    at("said").textContent = error.message;
  }
};

async function show() {
  const status = await ask("GET", "/api/auth/status");
  at("door").hidden = status.authenticated;
  at("bridge").hidden = !status.authenticated;
  at("ask").textContent = status.password_set ? "Password" : "Choose a password";
  at("door").onsubmit = told(async () => {
    const path = status.password_set ? "/api/auth/login" : "/api/auth/setup";
    await ask("POST", path, { password: at("password").value });
    at("password").value = "";
    await show();
  });
  if (!status.authenticated) return;
  const list = (rows) => rows.map((row) => JSON.stringify(row)).join("\n") || "none";
  at("conflicts").textContent = list(await ask("GET", "/api/conflicts"));
  const mappings = await ask("GET", "/api/mappings");
  at("mappings").textContent = list([...mappings.filament_mappings, ...mappings.spool_mappings]);
  const config = await ask("GET", "/api/config");
  token = config.api_token ?? "";
  at("shown").textContent = token ? `${token.slice(0, 4)}••••${config.api_token_enabled ? "" : " (off)"}` : "none";
  at("toggle").onclick = told(async () => {
    await ask("PUT", "/api/config", { api_token_enabled: !config.api_token_enabled });
    await show();
  });
}

at("sync").onclick = told(async () => {
  at("said").textContent = JSON.stringify(await ask("POST", "/api/sync/trigger"));
  await show();
});
at("try").onclick = told(async () => {
  at("said").textContent = JSON.stringify(await ask("POST", "/api/sync/dry-run"));
});
at("leave").onclick = told(async () => {
  await ask("POST", "/api/auth/logout");
  await show();
});
at("token").onclick = told(async () => {
  await ask("POST", "/api/auth/api-token/regenerate");
  await show();
});
at("copy").onclick = told(() => navigator.clipboard.writeText(token));
told(show)();
