extension PluginSkeleton {
  static func manifest(_ kind: Kind) -> String {
    let config =
      kind == .runtime
      ? #"{ "root", type = "path", default = "~/SAMPLE", help = "Where the bots live" },"# + "\n    " : ""
    let more =
      switch kind {
      case .plain, .system: ""
      case .runtime: "\n    runtimes = { \"SAMPLE\" },"
      case .notifier: "\n    notifiers = { \"log\" },"
      }
    let on =
      kind == .system
      ? "" : "\n          params = { { \"on\", type = \"hosts\", default = \"all\", help = \"Which hosts\" } },"
    let traders = kind == .system ? tradersPromise : ""
    let capability = kind == .notifier ? #", "programs""# : ""
    return """
      -- The manifest: data that opsh reads before any code of the plugin runs.
      return {
        id = "SAMPLE", version = "0.1.0", api = 2,
        summary = "Says in one line what SAMPLE operates",
        capabilities = { "hosts:read", "hosts:change"\(capability) },
        config = {
          \(config){ "folder", type = "path", default = "/", help = "Where SAMPLE keeps its files on a host" },
        },
        provides = {
          primitives = {
            {
              name = "room", summary = "Shows the free disk space where SAMPLE keeps its files", effect = "reads",\(on)
              returns = "One record per host: host, mib",
              examples = { { "SAMPLE.room{}", "every host" } },
            },\(traders)
          },
          checks = {
            {
              name = "disk", summary = "Free disk space where SAMPLE keeps its files", unit = "MiB",
              ok = { above = 1024 }, bad = { below = 256 }, age = "5m", owner = "operations",
            },
          },
          runbooks = { "note" },\(more)
        },
      }

      """
  }

  private static let tradersPromise = """

          {
            name = "traders", summary = "Names the bots that trade and run", effect = "reads",
            returns = "A list of bots",
          },
    """
}
