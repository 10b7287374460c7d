package import PrimitiveKit

extension Surroundings {
  private enum SiteKey: SurroundingsKey {
    static var fallback: Site? { nil }
  }

  /// The site; nil when opsh runs without one.
  package var site: Site? {
    get { self[SiteKey.self] }
    set {
      self[SiteKey.self] = newValue
      sections = newValue?.sections ?? DataSections()
    }
  }
}

extension Domain {
  /// Sets of hosts and bots as values.
  package static var sets: Domain {
    var domain = Domain("sets")
    domain.shapes = [.set]
    domain.functions = [.set]
    // Only what reads the text of a set looks at the site.
    domain.access = { $0.name == "opsh_set_fold" ? .effects(on: "hosts") : .anybody }
    domain.primitives = { surroundings throws(CallFailure) in
      SetPrimitives.all(resolver: { surroundings.site?.nameResolver })
    }
    return domain
  }
}
