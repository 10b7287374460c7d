package import PrimitiveKit

/// What `help` answers, rendered from the catalog.
package struct HelpBook: Sendable {
  let infos: [PrimitiveInfo]

  package init(_ infos: [PrimitiveInfo]) { self.infos = infos }

  /// Answers `help()` (nil), `help(fleet.deploy)` and `help "deploy"`.
  ///
  /// A name shows its page, a module its list, any other word what it is found by. Throws `help.unknown`.
  package func text(about subject: String?) throws(CallFailure) -> String {
    guard let subject, !subject.isEmpty else { return overview }
    if let info = infos.first(where: { $0.name == subject }) { return HelpPage(info).text }
    let members = infos.filter { $0.name.hasPrefix(subject + ".") }
    if !members.isEmpty { return listing(members) }
    let found = search(subject)
    switch found.count {
    case 0: throw unknown(subject)
    case 1: return HelpPage(found[0]).text
    default: return (table(found) + ["", "`help \"\(found[0].name)\"` shows one"]).joined(separator: "\n")
    }
  }

  private func unknown(_ subject: String) -> CallFailure {
    let words = infos.flatMap { [$0.name] + $0.topics + $0.name.split(separator: ".").map(String.init) }
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
