import PrimitiveKit

/// A record as a fleet primitive would answer it.
struct HostRow: Answered {
  static var luaType: String { "fleet.Host" }
  static var fields: [FieldInfo] {
    [
      FieldInfo("name", "string", "The host's name in the site"),
      FieldInfo("address", "string", "Where it is reached"),
      FieldInfo("bots", "integer", "How many bots it carries"),
    ]
  }
  var value: Value { .table(["name": .string("web1")]) }
}

enum ExampleCatalog {
  static let infos: [PrimitiveInfo] = [deploy, exec, hosts, help].map(\.info)

  static let deploy = Primitive(
    "fleet.deploy",
    "Rolls a new image over bots.",
    effect: .changes,
    Parameter<String?>("target", default: nil, "Which bots", completion: .selectors),
    Parameter<String>(
      "speed",
      default: "routine",
      "How fast",
      completion: .choices(["routine", "fast", "immediate"])
    ),
    Parameter<String?>("image", default: nil, "Which image", completion: .images),
    Parameter<Bool>("dry_run", default: false, "Only plan"),
    returns: "The report of the rollout",
    examples: [
      Example(#"fleet.deploy<target="all", speed="routine">"#, "the whole fleet, five hosts at a time")
    ],
    topics: ["release", "upgrade"]
  ) { _, _, _, _ async throws(CallFailure) in Value.null }

  static let exec = Primitive(
    "fleet.exec",
    "Runs a command.",
    effect: .changes,
    Parameter<String>("on", "Which hosts", completion: .hosts),
    Parameter<String>("cmd", "Shell command line"),
    Parameter<Duration>("timeout", default: .seconds(30), "Longest wait per host"),
    returns: "One record per host",
    examples: []
  ) { _, _, _ async throws(CallFailure) in Value.null }

  static let hosts = Primitive(
    immediate: "fleet.hosts",
    "Lists the hosts of the site.",
    Parameter<String?>("on", default: nil, "Which hosts", completion: .hosts),
    returns: "One record per host",
    examples: [Example("fleet.hosts()", "every host"), Example(#"fleet.hosts "@web""#, "the hosts of a group")]
  ) { _ throws(CallFailure) in [HostRow()] }

  static let help = Primitive(
    immediate: "help",
    "Explains primitives.",
    Parameter<String?>("subject", default: nil, "A primitive, a module or a word"),
    returns: "nothing",
    examples: [Example("help(fleet.deploy)", "one primitive")]
  ) { _ throws(CallFailure) in Value.null }
}
