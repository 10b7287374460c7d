package import PrimitiveKit
import Rollout
package import Site

/// What a site says of its bots' images and of deploys.
package struct FleetSettings: SiteSection {
  package static let keys: [DataKey] = [
    DataKey("images", "Versions of the bots, by name"),
    DataKey("default_image", "The image when none is named"),
    DataKey("confirm", "What needs a confirmation, and what --yes may confirm"),
    DataKey("settle", "How long a new bot must run without a restart"),
    DataKey("login_wait", "How long a swap waits for a login"),
  ]

  package var images: [String: Image] = [:]
  package var defaultImage: String?
  package var confirm = Confirm()
  /// How long a new bot must run without a restart to count as stable, where the site knows better than the speeds.
  package var settle: Duration?
  /// How long a swap may wait for a login, which never decides about it; where the site knows better than the speeds.
  package var loginWait: Duration?

  /// The images, by digest.
  package var offers: OfferedReleases {
    let named = images.values.sorted { $0.name < $1.name }.map { image in
      ("\(image.digest)", OfferedReleases.Offer(name: image.name, source: image.source))
    }
    return OfferedReleases(Dictionary(named, uniquingKeysWith: { first, _ in first }))
  }

  package init() {}

  package init(reading file: DataField, in site: any SiteNames) throws(DataError) {
    images = try Image.read(file.optional("images"))
    if let field = file.optional("default_image") {
      let name = try field.string("the name of an image")
      guard images[name] != nil else {
        let hint = NearestName.question(for: name, in: images.keys) ?? "add it to `images`"
        throw field.wrong("the name of an image", hint: hint)
      }
      defaultImage = name
    }
    confirm = try Confirm(file.optional("confirm"))
    settle = try file.optional("settle")?.seconds(upTo: 3600)
    loginWait = try file.optional("login_wait")?.seconds(upTo: 3600)
  }

  /// What a person must confirm, and what `--yes` may.
  package struct Confirm: Sendable, Equatable {
    /// The speeds that `--yes` may confirm; nil leaves it to opsh (routine and fast).
    package var yesAllowed: [String]?
    /// Whether a change needs `--reason`.
    package var reasonRequired = false
    /// How many hosts a single change may have without a question.
    package var hosts = 1
  }
}

extension Site {
  /// What the site says of images and deploys.
  package var fleet: FleetSettings {
    get { sections[FleetSettings.self] }
    set { sections[FleetSettings.self] = newValue }
  }
}

extension FleetSettings.Confirm {
  fileprivate init(_ field: DataField?) throws(DataError) {
    self.init()
    guard let field else { return }
    try field.allow(["yes_allowed", "reason_required", "hosts"])
    yesAllowed = try field.optional("yes_allowed")?.words("speeds", from: SpeedTable.names)
    reasonRequired = try field.optional("reason_required")?.bool() ?? false
    hosts = try field.optional("hosts")?.int(in: 0...100_000) ?? 1
  }
}

extension Image {
  fileprivate static func read(_ field: DataField?) throws(DataError) -> [String: Image] {
    var images: [String: Image] = [:]
    for (name, image) in try field?.entries("a table of images by name") ?? [] {
      try image.check(names: [name], also: ":/@")
      try image.allow(["digest", "source"])
      let digest = try image.required("digest", "\"sha256:\" and 64 hexadecimal digits")
      guard let parsed = Digest(try digest.string("a digest")) else {
        throw digest.wrong("\"sha256:\" and 64 hexadecimal digits", hint: "get the digits with `sha256sum FILE`")
      }
      let source = try image.required("source", "a path or a URL").string("a path or a URL")
      images[name] = Image(name: name, digest: parsed, source: source)
    }
    return images
  }
}
