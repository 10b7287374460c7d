package import PrimitiveKit

/// What `help` answers, rendered from the catalog.
package struct HelpBook: Sendable {
  let infos: [PrimitiveInfo]
  /// Globals that are no primitives, such as `set`.
  private let functions: [LuaFunction]

  package init(_ infos: [PrimitiveInfo], functions: [LuaFunction] = []) {
    self.infos = infos
    self.functions = functions + [HelpBook.require]
  }

  private static let require = LuaFunction(
    "require",
    "Runs a module once, from the folder `lua` beside the site or of opsh, and answers what it returned.",
    [FieldInfo("name", "string", "For example `tokyo.orders`: lua/tokyo/orders.lua")],
    returns: ReturnInfo(type: "any", help: "What the module returned")
  )

  /// Answers `help()` (nil), `help(fleet.deploy)` and `help "deploy"`.
  ///
  /// A name shows its page, a module its list, any other word what it is found by. Throws `help.unknown`.
  package func text(about subject: String?) throws(CallFailure) -> String {
    guard let subject, !subject.isEmpty else { return overview }
    if let info = infos.first(where: { $0.name == subject }) { return HelpPage(info).text }
    if let function = functions.first(where: { $0.name == subject }) { return page(function) }
    let members = infos.filter { $0.name.hasPrefix(subject + ".") }
    if !members.isEmpty { return listing(members) }
    let found = search(subject)
    switch found.count {
    case 0: throw unknown(subject)
    case 1: return HelpPage(found[0]).text
    default: return (table(found) + ["", "`help \"\(found[0].name)\"` shows one"]).joined(separator: "\n")
    }
  }

  private func page(_ function: LuaFunction) -> String {
    var lines =
      [function.signature] + WrappedText.lines(function.summary, within: WrappedText.columns - 2).map { "  \($0)" }
    var table = TextTable()
    for parameter in function.parameters { table.add([parameter.name, parameter.type, parameter.help]) }
    lines += ["", "arguments"] + table.lines(indent: 2, within: WrappedText.columns)
    if let answer = function.returns { lines += ["", "returns \(answer.type)", "  \(answer.help)"] }
    return lines.joined(separator: "\n")
  }

  private func unknown(_ subject: String) -> CallFailure {
    let words =
      functions.map(\.name) + infos.flatMap { [$0.name] + $0.topics + $0.name.split(separator: ".").map(String.init) }
    return CallFailure(
      .invalid,
      code: "help.unknown",
      message: "no help found for '\(subject)'",
      hint: NearestName.question(for: subject, in: words) ?? "`help()` lists everything"
    )
  }

  private var overview: String {
    var lines: [String] = []
    let modules = Dictionary(grouping: infos, by: Self.module)
    for module in modules.keys.sorted() where !module.isEmpty {
      lines += [module] + table(modules[module] ?? [], indent: 2) + [""]
    }
    if let session = modules[""] { lines += ["at the prompt and in scripts"] + table(session, indent: 2) + [""] }
    let example = infos.first { !Self.module($0).isEmpty } ?? infos.first
    lines += ["`set \"web[1-9]!web3\"` is a set: `#`, `for … in`, `|`, `-`, `&`, `~`, `:contains`", ""]
    lines.append("`help(\(example?.name ?? "help"))` shows one · `help \"word\"` searches · Tab completes")
    return lines.joined(separator: "\n")
  }

  private func listing(_ members: [PrimitiveInfo]) -> String {
    (table(members) + ["", "`help(\(members[0].name))` shows one"]).joined(separator: "\n")
  }

  private func table(_ infos: [PrimitiveInfo], indent: Int = 0) -> [String] {
    var table = TextTable()
    for info in infos { table.add([info.name, info.effect.rawValue, info.summary]) }
    return table.lines(indent: indent, within: WrappedText.columns)
  }

  private static func module(_ info: PrimitiveInfo) -> String {
    info.name.split(separator: ".").dropLast().joined(separator: ".")
  }
}
