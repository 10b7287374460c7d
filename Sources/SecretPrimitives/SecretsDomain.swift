package import PrimitiveKit

extension Domain {
  /// Secrets of the site by name (DESIGN section 14).
  package static var secrets: Domain {
    var domain = Domain("secrets")
    domain.siteSections = [SecretSettings.self]
    domain.configTypes = [
      ConfigType("secret") { value, _ in
        if case .string(let name) = value, PlainName.isPlain(name) { nil } else { "the name of a secret of the site" }
      }
    ]
    domain.candidates = [
      CandidateKind(.named("secrets")) { $0.sections[SecretSettings.self].places.keys.sorted() }
    ]
    domain.shapes = [
      LuaShape(
        "Secret",
        "A secret of the site: it prints as its name, and only a change opens it. Nothing orders, joins, measures, indexes or "
          + "serialises it; it equals itself alone"
      )
    ]
    domain.errors = { info in
      info.name == "secret" ? [ErrorInfo("secret.unknown", "no secret of the site has this name")] : []
    }
    domain.access = { _ in .capability("secrets") }
    domain.primitives = { SecretPrimitives($0).all }
    return domain
  }
}
