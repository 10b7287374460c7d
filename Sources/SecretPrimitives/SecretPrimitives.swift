import PrimitiveKit

/// `secret "name"` and `secret.list()`.
struct SecretPrimitives: Sendable {
  private let settings: SecretSettings
  private let world: World

  init(_ surroundings: Surroundings) {
    settings = surroundings.sections[SecretSettings.self]
    world = surroundings.world
  }

  var all: [Primitive] { [secret, list] }

  private var secret: Primitive {
    Primitive(
      immediate: "secret",
      "Names a secret of the site; its value is opened only by the change that uses it.",
      Parameter<String>("name", "A name from `secrets` of the site", completion: .named("secrets")),
      returns: "The secret; it prints as its name",
      examples: [
        Example(#"print(secret "pager")"#, "its name"),
        Example(
          #"fleet.put{ on = "web001", path = ".pager", content = secret "pager", mode = "0600" }"#,
          "a file with its value"
        ),
      ],
      topics: ["password", "token", "key", "credentials", "vault"]
    ) { name throws(CallFailure) in
      guard settings.places[name] != nil else { throw settings.unknown(name) }
      return Secret(name)
    }
  }

  private var list: Primitive {
    Primitive(
      "secret.list",
      "Lists the secrets of the site: where each lives, who may read that place, whether git tracks it, and how old it is.",
      effect: .reads,
      returns: "One record per secret, without values",
      examples: [Example("secret.list()", "where the secrets live")],
      topics: ["password", "credentials", "git", "permissions"]
    ) { () async throws(CallFailure) -> [SecretReport] in
      try await world.service(Secrets.self).list()
    }
  }
}
