import PrimitiveKit

extension Readiness {
  private static let kinds = ["file", "http", "log", "port", "unit"]

  /// Reads `ready` of a kind, whose unit is given; throws a `DataError` for the first field that is wrong.
  init(reading field: DataField, unit: String?) throws(DataError) {
    _ = try field.entries("a table such as { log = { has = \"connected\" }, within = \"30s\" }")
    try field.allow(Readiness.kinds + ["within"])
    within = try field.optional("within")?.length() ?? Readiness.usual
    probes = []
    if let log = field.optional("log") { probes.append(.log(try LogProbe(reading: log))) }
    if let port = field.optional("port") { probes.append(.port(try port.int(in: 1...65_535))) }
    if let http = field.optional("http") { probes.append(try Probe(http: http)) }
    if let file = field.optional("file") { probes.append(try Probe(file: file)) }
    if let state = field.optional("unit") { probes.append(try Probe(state: state, of: unit)) }
    guard !probes.isEmpty else {
      throw DataError(
        path: field.path,
        expected: "at least one of \(Readiness.kinds.joined(separator: ", "))",
        got: "none",
        hint: "remove `ready` where a running bot is ready"
      )
    }
  }
}

extension Readiness.Probe {
  fileprivate init(http field: DataField) throws(DataError) {
    _ = try field.entries("a table such as { port = 8080, path = \"/health\" }")
    try field.allow(["path", "port", "status"])
    let port = try field.required("port", "a TCP port").int(in: 1...65_535)
    let path = try field.optional("path")?.word("a path such as /health") ?? "/"
    guard path.hasPrefix("/") else {
      throw DataError(path: "\(field.path).path", expected: "a path that begins with /", got: "'\(path)'")
    }
    self = .http(port: port, path: path, status: try field.optional("status")?.int(in: 100...599) ?? 200)
  }

  fileprivate init(file field: DataField) throws(DataError) {
    _ = try field.entries("a table such as { path = \"~/%b/heartbeat\", age = \"10s\" }")
    try field.allow(["age", "path"])
    let path = try field.required("path", "the file").hostTemplate()
    self = .file(path, age: try field.required("age", "how old it may be, for example \"10s\"").length())
  }

  fileprivate init(state field: DataField, of unit: String?) throws(DataError) {
    guard let unit else {
      throw field.wrong(
        "no state of a unit: this kind has no `unit`",
        hint: "add `unit = \"NAME.service\"` to the kind"
      )
    }
    if case .string = field.value {
      self = .unit(name: unit, state: try field.word("a state such as active"), isUser: true)
      return
    }
    _ = try field.entries("a state such as \"active\", or { state = \"active\", user = false }")
    try field.allow(["state", "user"])
    self = .unit(
      name: unit,
      state: try field.optional("state")?.word("a state such as active") ?? "active",
      isUser: try field.optional("user")?.bool() ?? true
    )
  }
}

extension Readiness.LogProbe {
  fileprivate init(reading field: DataField) throws(DataError) {
    let example = "a table such as { has = \"connected\" }"
    _ = try field.entries(example)
    try field.allow(["equals", "field", "has", "path", "pattern"])
    path = try field.optional("path").map { (path) throws(DataError) in try path.hostTemplate() }
    let has = try field.optional("has")?.string("the text of the line")
    let pattern = try field.optional("pattern")?.string("an extended regular expression")
    let name = try field.optional("field")?.word("the name of a field")
    let equals = try field.optional("equals").map { (value) throws(DataError) in
      if case .string = value.value { try value.string("the value of the field") } else { value.value.literal }
    }
    switch (name, has, equals, pattern) {
    case (nil, let text?, nil, nil): match = .text(text)
    case (nil, nil, nil, let pattern?): match = .pattern(pattern)
    case (let name?, let text?, nil, nil): match = .field(name, has: text)
    case (let name?, nil, let value?, nil): match = .fieldEquals(name, value)
    default:
      throw DataError(
        path: field.path,
        expected: "`has`, `pattern`, or `field` with `has` or `equals`",
        got: field.value.tableFields.keys.sorted().filter { $0 != "path" }.joined(separator: ", "),
        hint: example
      )
    }
  }
}

extension DataField {
  /// A path of a host with `%b`, `%k` and `%s` in it.
  fileprivate func hostTemplate() throws(DataError) -> HostPath {
    guard let path = HostPath(checking: try template(HostPath.expected)) else { throw wrong(HostPath.expected) }
    return path
  }
}
