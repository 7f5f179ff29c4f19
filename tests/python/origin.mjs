// An app on Node that writes down each whole request before it answers: a line of JSON to the file that is named.

import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, log] = process.argv.slice(2);

function note(entry) {
  appendFileSync(log, `${JSON.stringify(entry)}\n`);
}

function take(request, response) {
  const hash = createHash("sha256");
  request.on("data", (bytes) => hash.update(bytes));
  request.on("end", () => {
    const id = (request.headers["x-row"] ?? "").split(",")[0];
    note({ id, status: 200, method: request.method, target: request.url, body: hash.digest("hex") });
    response.writeHead(200, { "X-Origin": "node", "X-Row": id, "Content-Length": 5 }).end("seen\n");
  });
}

const server = createServer({ keepAliveTimeout: 600_000 });
server.on("request", take);
server.on("checkExpectation", take);
server.on("clientError", (error, socket) => {
  if (error.code !== "ECONNRESET" && error.code !== "HPE_INVALID_EOF_STATE" && socket.writable) {
    const id = /^x-row: ([^,\r\n]*)/im.exec(error.rawPacket?.toString("latin1"))?.[1] ?? "";
    note({ id, status: 400, method: "", target: String(error.code), body: "" });
    const fields = `X-Origin: node\r\nX-Row: ${id}\r\nContent-Length: 0\r\nConnection: close`;
    socket.end(`HTTP/1.1 400 Bad Request\r\n${fields}\r\n\r\n`, "latin1");
  } else {
    socket.destroy();
  }
});
server.listen(Number(port), "127.0.0.1");
