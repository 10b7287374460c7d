import PrimitiveKit

extension RunbookRequirements {
  private static let example = "a table such as { opsh = \">=0.1\", plugins = { \"process\" } }"
  private static let bounds = "versions such as \">=0.1\""

  init(reading field: HeaderField) {
    guard field.allow(RunbookShapes.requirements.fieldNames, RunbookRequirements.example) else { return }
    opsh = field.optional("opsh").flatMap(RunbookRequirements.versions)
    guard let field = field.optional("plugins") else { return }
    // Either a list of names, or names with versions.
    if let names = field.names, !names.isEmpty {
      plugins = names.compactMap { name in
        field.optional(name).map { Plugin(id: name, versions: RunbookRequirements.versions($0)) }
      }
    } else {
      plugins = (field.texts("a list of plugins") ?? []).sorted().map { Plugin(id: $0, versions: nil) }
    }
  }

  private static func versions(_ field: HeaderField) -> VersionRequirement? {
    guard let text = field.text(bounds) else { return nil }
    let versions = VersionRequirement(text)
    if versions == nil { field.wrong(bounds) }
    return versions
  }
}
