import PrimitiveKit
import Site

/// A kind of measurement that a site can ask for with parameters of its own.
protocol SiteProbe: Sendable, Equatable {
  /// What `kind` says.
  static var kind: String { get }
  /// Its parameters.
  static var keys: [String] { get }
  /// What it measures, unless the site says it better.
  static var summary: String { get }
  static var unit: String { get }
  /// What is OK where the site does not say; empty where only a site can know.
  static var ok: [Threshold] { get }
  static var bad: [Threshold] { get }

  /// Reads its parameters; throws a `DataError` for the first one that is wrong.
  init(reading field: DataField, in site: any SiteNames) throws(DataError)
  func measure(_ call: CheckCall) async throws(CallFailure) -> [Measured]
}

extension SiteProbe {
  static var ok: [Threshold] { [] }
  static var bad: [Threshold] { [] }

  fileprivate func isEqual(to other: any SiteProbe) -> Bool { other as? Self == self }
}

/// A check that a site declares itself: a kind with its parameters, and how the number is judged.
struct SiteCheck: Sendable, Equatable {
  static let kinds: [any SiteProbe.Type] = [
    FileAge.self, LogCount.self, UnitStable.self, PortOpen.self, EnvironmentMatch.self, HTTPStatus.self,
    DeadMan.self,
  ]

  /// As it is written in the file, for errors.
  let path: String
  let declaration: CheckDeclaration
  let probe: any SiteProbe

  var check: Check { Check(declaration, measure: { call throws(CallFailure) in try await probe.measure(call) }) }

  /// Reads a check that says its `kind`; throws a `DataError`.
  init(reading field: DataField, name: String, in site: any SiteNames) throws(DataError) {
    let kinds = SiteCheck.kinds.map { $0.kind }
    let word = try field.required("kind", "what it measures")
    guard let type = SiteCheck.kinds.first(where: { word.value == .string($0.kind) }) else {
      var near: String?
      if case .string(let text) = word.value { near = NearestName.question(for: text, in: kinds) }
      throw word.wrong("a kind of check", hint: near ?? "the kinds are \(kinds.sorted().joined(separator: ", "))")
    }
    try field.allow(CheckDeclaration.fields + ["kind"] + type.keys)
    path = field.path
    probe = try type.init(reading: field, in: site)
    var declaration = CheckDeclaration(
      name,
      try field.optional("summary")?.string("one sentence") ?? type.summary,
      unit: try field.optional("unit")?.string("a unit such as \"s\"") ?? type.unit,
      ok: type.ok,
      bad: type.bad,
      growth: try field.optional("growth")?.length()
    )
    let given = try CheckOverride(reading: field)
    // Who says what is OK has no use for what usually is BAD.
    if given.ok != nil { declaration.bad = [] }
    declaration.apply(given)
    if declaration.ok.isEmpty { _ = try field.required("ok", "when it is OK, for example { below = 50 }") }
    if let flaw = declaration.flaw { throw field.flawed(flaw) }
    self.declaration = declaration
  }

  static func == (one: SiteCheck, other: SiteCheck) -> Bool {
    one.path == other.path && one.declaration == other.declaration && one.probe.isEqual(to: other.probe)
  }
}

/// Which hosts a check of a site is about.
struct HostChoice: Sendable, Equatable {
  /// A selector.
  let selector: String

  /// Reads `on`; every host where it is not there.
  init(reading field: DataField, in site: any SiteNames) throws(DataError) {
    guard let on = field.optional("on") else {
      selector = "*"
      return
    }
    let selector = try on.texts("hosts").joined(separator: ",")
    do throws(CallFailure) {
      _ = try site.hosts(selecting: selector)
    } catch {
      throw DataError(
        path: on.path,
        expected: "hosts of the site",
        got: "'\(selector)': \(error.message)",
        hint: error.hint
      )
    }
    self.selector = selector
  }

  func hosts(_ surroundings: Surroundings) throws(CallFailure) -> [Host] {
    let all = try surroundings.allHosts()
    guard let site = surroundings.site else { return [] }
    let names = Set(try site.hosts(selecting: selector))
    return all.filter { names.contains($0.name) }
  }
}

extension DataField {
  /// A file on a host.
  func hostPath() throws(DataError) -> HostPath {
    guard let path = HostPath(checking: try string(HostPath.expected)) else { throw wrong(HostPath.expected) }
    return path
  }
}
