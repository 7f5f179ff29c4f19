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

function element(name, text, ...children) {
  const made = document.createElement(name);
  made.append(text, ...children);
  return made;
}

function fill(list, rows, none) {
  at(list).replaceChildren(...(rows.length ? rows : [element("li", none)]));
}

/** A conflict, with a button for each of the two words that may count. */
function conflict({ kind, key, filamentdb, spoolman }) {
  const settle = (counts, said) => {
    const button = element("button", `${said[0]}: ${said[1]}`);
    button.className = "quiet";
    button.onclick = told(async () => {
      await ask("POST", `/api/conflicts/${kind.replaceAll(" ", "-")}/${key}/resolve`, { use: counts });
      await show();
    });
    return button;
  };
  const choice = element("div", settle("filamentdb", ["Filament DB", filamentdb]), settle("spoolman", ["Spoolman", spoolman]));
  choice.className = "row";
  return element("li", `${kind} of ${key}`, choice);
}

async function showDoor(status) {
  at("ask").textContent = status.password_set ? "Password" : "Choose a password";
  at("password").autocomplete = status.password_set ? "current-password" : "new-password";
  at("door").onsubmit = told(async () => {
    await ask("POST", status.password_set ? "/api/auth/login" : "/api/auth/setup", { password: at("password").value });
    at("password").value = "";
    await show();
  });
}

async function show() {
  const status = await ask("GET", "/api/auth/status");
  at("door").hidden = status.authenticated;
  at("bridge").hidden = !status.authenticated;
  if (!status.authenticated) return showDoor(status);
  at("leave").hidden = !status.auth_enabled;
  fill("conflicts", (await ask("GET", "/api/conflicts")).map(conflict), "The inventories agree.");
  const mappings = await ask("GET", "/api/mappings");
  const filaments = mappings.filament_mappings.map((one) => element("li", `${one.name || one.filamentdb_id} is filament ${one.spoolman_id} of Spoolman`));
  const spools = mappings.spool_mappings.map((one) => element("li", `Spool ${one.filamentdb_id} is spool ${one.spoolman_id} of Spoolman`));
  fill("mappings", [...filaments, ...spools], "Nothing is mapped yet.");
  const config = await ask("GET", "/api/config");
  token = config.api_token ?? "";
  at("shown").textContent = token ? `${token.slice(0, 4)}••••${config.api_token_enabled ? "" : " (off)"}` : "none";
  at("copy").hidden = !token;
  at("toggle").hidden = !token;
  at("toggle").textContent = config.api_token_enabled ? "Switch it off" : "Switch it on";
  at("toggle").onclick = told(async () => {
    await ask("PUT", "/api/config", { api_token_enabled: !config.api_token_enabled });
    await show();
  });
}

at("sync").onclick = told(async () => {
  const done = await ask("POST", "/api/sync/trigger");
  await show();
  at("said").textContent = `Mapped ${done.mapped}, made ${done.filaments_made} filaments and ${done.spools_made} spools; ${done.conflicts} conflicts.`;
});
at("try").onclick = told(async () => {
  const plan = await ask("POST", "/api/sync/dry-run");
  at("said").textContent = `It would map ${plan.map.length}, make ${plan.make_filaments.length} filaments and ${plan.make_spools.length} spools.`;
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
at("change").onsubmit = told(async () => {
  await ask("POST", "/api/auth/change-password", { current_password: at("current").value, new_password: at("new").value });
  at("change").reset();
  at("said").textContent = "The password was changed; every other browser is signed out.";
});
told(show)();
