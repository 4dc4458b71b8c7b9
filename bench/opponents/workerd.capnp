# The benchmark fills in what is in capitals.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .counters),
    (name = "data", disk = (path = "FOLDER", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:PORT", http = (), service = (name = "main", entrypoint = "entry"))],
);

const counters :Workerd.Worker = (
  modules = [(name = "workerd-object.mjs", esModule = embed "workerd-object.mjs")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "Counter", uniqueKey = "counters", enableSql = true)],
  durableObjectStorage = (localDisk = "data"),
  bindings = [(name = "counters", durableObjectNamespace = "Counter")],
);
