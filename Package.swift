// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// One section per target, each with its tests. Sections and dependencies are sorted by name.
let package = Package(
  name: "opsh",
  targets: [
    // MARK: Approvals
    .target(
      name: "Approvals",
      dependencies: ["Foundations", "Journal", "PrimitiveKit", "Rollout", "Runs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ApprovalsTests",
      dependencies: [
        "Approvals", "Drivers", "Journal", "JournalSQLite", "OpshTesting", "PrimitiveKit", "Runs", "Subprocess",
      ],
      swiftSettings: settings
    ),

    // MARK: CCrypto
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // MARK: CCurl
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    // MARK: CEditLine
    .target(name: "CEditLine", linkerSettings: [.linkedLibrary("edit")]),

    // MARK: CEpoll
    .systemLibrary(name: "CEpoll"),

    // MARK: Checks
    .target(name: "Checks", dependencies: ["Foundations", "PrimitiveKit", "Site"], swiftSettings: settings),
    .testTarget(
      name: "ChecksTests",
      dependencies: ["Checks", "Foundations", "OpshTesting", "PrimitiveKit", "Site", "Subprocess"],
      swiftSettings: settings
    ),

    // MARK: CLua
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),

    // MARK: CLuaBridge
    .target(name: "CLuaBridge", dependencies: ["CLua"]),

    // MARK: Console
    .target(
      name: "Console",
      dependencies: ["Foundations", "LineEditor", "LuaRuntime", "PrimitiveKit", "Reference"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ConsoleTests",
      dependencies: ["Console", "Foundations", "PrimitiveKit", "Reference"],
      swiftSettings: settings
    ),

    // MARK: COptions
    .target(name: "COptions"),

    // MARK: CrashTests
    .testTarget(
      name: "CrashTests",
      dependencies: [
        "Journal", "JournalCare", "JournalSQLite", "opsh", "opsh-lab", "opsh-lab-bot", "OpshLab", "PrimitiveKit",
        "PseudoTerminal", "Subprocess",
      ],
      exclude: ["Runbooks"],
      swiftSettings: settings
    ),

    // MARK: Cryptography
    .target(name: "Cryptography", dependencies: ["CCrypto"], swiftSettings: settings),
    .testTarget(name: "CryptographyTests", dependencies: ["Cryptography"], swiftSettings: settings),

    // MARK: CPostgres
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

    // MARK: CProcess
    .systemLibrary(name: "CProcess"),

    // MARK: CSQLite
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    // MARK: CSSH2
    .systemLibrary(name: "CSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),

    // MARK: DomainProof
    .target(name: "DomainProof", dependencies: ["PrimitiveKit"], path: "Tests/DomainProof", swiftSettings: settings),
    .testTarget(
      name: "DomainProofTests",
      dependencies: ["Console", "DomainProof", "opsh", "PluginHost", "PrimitiveKit", "PseudoTerminal", "Site"],
      swiftSettings: settings
    ),

    // MARK: Drivers
    .target(
      name: "Drivers",
      dependencies: [
        "Approvals", "CProcess", "Cryptography", "Foundations", "PrimitiveKit", "Runs", "SSH", "Subprocess",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "DriversTests",
      dependencies: ["Drivers", "Foundations", "OpshTesting", "PrimitiveKit", "Runs"],
      swiftSettings: settings
    ),

    // MARK: EventLoop
    .target(name: "EventLoop", dependencies: ["CEpoll"], swiftSettings: settings),
    .testTarget(name: "EventLoopTests", dependencies: ["EventLoop"], swiftSettings: settings),

    // MARK: Fleet
    .target(
      name: "Fleet",
      dependencies: ["Foundations", "HostScript", "PrimitiveKit", "Rollout", "Site"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "FleetTests",
      dependencies: [
        "Fleet", "HostScript", "HostScriptTesting", "OpshTesting", "PrimitiveKit", "Rollout", "Site",
      ],
      swiftSettings: settings
    ),
    .testTarget(name: "FleetOutputTests", dependencies: ["Fleet", "PrimitiveKit"], swiftSettings: settings),

    // MARK: Foundations
    .target(name: "Foundations", swiftSettings: settings),
    .testTarget(name: "FoundationsTests", dependencies: ["Foundations"], swiftSettings: settings),

    // MARK: HostScript
    .target(
      name: "HostScript",
      dependencies: ["PrimitiveKit"],
      resources: [
        .embedInCode("Core/epoch.sh"),
        .embedInCode("Core/exec.sh"),
        .embedInCode("Core/files.sh"),
        .embedInCode("Core/lock.sh"),
        .embedInCode("Core/main.sh"),
        .embedInCode("Core/marks.sh"),
        .embedInCode("Core/protocol.sh"),
        .embedInCode("Core/runs.sh"),
        .embedInCode("Core/stop.sh"),
        .embedInCode("Core/swap.sh"),
        .embedInCode("Core/versions.sh"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(name: "HostScriptBot", path: "Tests/HostScriptBot"),
    .testTarget(
      name: "HostScriptTests",
      dependencies: ["HostScript", "HostScriptBot", "HostScriptTesting", "OpshLab", "PrimitiveKit", "Subprocess"],
      swiftSettings: settings
    ),
    .target(
      name: "HostScriptTesting",
      dependencies: ["PrimitiveKit"],
      path: "Tests/HostScriptTesting",
      swiftSettings: settings
    ),

    // MARK: HTTPClient
    .target(
      name: "HTTPClient",
      dependencies: ["CCurl", "EventLoop", "Foundations", "PrimitiveKit"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "http-probe",
      dependencies: ["EventLoop", "HTTPClient", "PrimitiveKit"],
      path: "Tests/HTTPProbe",
      swiftSettings: settings
    ),
    .testTarget(
      name: "HTTPClientTests",
      dependencies: [
        "EventLoop", "http-probe", "HTTPClient", "OpshTesting", "PrimitiveKit", "PseudoTerminal", "Subprocess",
      ],
      swiftSettings: settings
    ),

    // MARK: Journal
    .target(name: "Journal", dependencies: ["Foundations", "PrimitiveKit"], swiftSettings: settings),
    .executableTarget(
      name: "journal-bench",
      dependencies: ["Journal", "JournalSQLite", "PrimitiveKit"],
      path: "bench/journal",
      swiftSettings: settings
    ),
    .testTarget(
      name: "JournalTests",
      dependencies: ["Journal", "JournalPostgres", "JournalSQLite", "PostgresTesting", "PrimitiveKit"],
      exclude: ["Fixtures"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "lock-racer",
      dependencies: ["Journal", "JournalPostgres", "JournalSQLite", "PrimitiveKit"],
      path: "Tests/LockRacer",
      swiftSettings: settings
    ),
    .testTarget(
      name: "LockTests",
      dependencies: [
        "Foundations", "Journal", "JournalPostgres", "JournalSQLite", "lock-racer", "OpshTesting", "PostgresTesting",
        "PrimitiveKit", "PseudoTerminal",
      ],
      swiftSettings: settings
    ),

    // MARK: JournalCare
    .target(
      name: "JournalCare",
      dependencies: ["Foundations", "Journal", "JournalPostgres", "JournalSQLite", "PrimitiveKit"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "JournalCareTests",
      dependencies: [
        "Journal", "JournalCare", "JournalPostgres", "JournalSQLite", "PostgresTesting", "PrimitiveKit",
      ],
      swiftSettings: settings
    ),

    // MARK: JournalPostgres
    .target(
      name: "JournalPostgres",
      dependencies: ["EventLoop", "Foundations", "Journal", "PostgresClient", "PrimitiveKit"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "JournalPostgresTests",
      dependencies: ["Journal", "JournalPostgres", "PostgresTesting", "PrimitiveKit"],
      swiftSettings: settings
    ),

    // MARK: JournalPrimitives
    .target(
      name: "JournalPrimitives",
      dependencies: ["Foundations", "Journal", "PrimitiveKit", "Runs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "JournalPrimitivesTests",
      dependencies: ["Journal", "JournalPrimitives", "JournalSQLite", "OpshTesting", "PrimitiveKit", "Runs"],
      swiftSettings: settings
    ),

    // MARK: JournalSQLite
    .target(
      name: "JournalSQLite",
      dependencies: ["Foundations", "Journal", "PrimitiveKit", "SQLite"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "JournalSQLiteTests",
      dependencies: ["Journal", "JournalSQLite", "PrimitiveKit", "SQLite"],
      swiftSettings: settings
    ),

    // MARK: LineEditor
    .target(name: "LineEditor", dependencies: ["CEditLine", "Foundations", "PrimitiveKit"], swiftSettings: settings),
    .executableTarget(
      name: "line-editor-probe",
      dependencies: ["LineEditor"],
      path: "Tests/LineEditorProbe",
      swiftSettings: settings
    ),
    .testTarget(
      name: "LineEditorTests",
      dependencies: ["line-editor-probe", "LineEditor", "PseudoTerminal"],
      swiftSettings: settings
    ),

    // MARK: LuaRuntime
    .target(
      name: "LuaRuntime",
      dependencies: ["CLuaBridge", "LuaSyntax", "PrimitiveKit"],
      resources: [
        .embedInCode("Prelude/prelude.lua"), .embedInCode("Prelude/unknown.lua"), .embedInCode("Prelude/waiting.lua"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "LuaRuntimeTests",
      dependencies: ["LuaRuntime", "LuaSyntax", "PrimitiveKit"],
      swiftSettings: settings
    ),
    .testTarget(name: "LuaSpecTests", dependencies: ["LuaRuntime", "PrimitiveKit"], swiftSettings: settings),

    // MARK: LuaSyntax
    .target(name: "LuaSyntax", dependencies: ["PrimitiveKit"], swiftSettings: settings),
    .testTarget(name: "LuaSyntaxTests", dependencies: ["LuaSyntax", "PrimitiveKit"], swiftSettings: settings),

    // MARK: opsh
    .executableTarget(
      name: "opsh",
      dependencies: [
        "Approvals", "Checks", "Console", "COptions", "Drivers", "EventLoop", "Fleet", "Foundations", "HostScript",
        "HTTPClient", "Journal",
        "JournalCare", "JournalPrimitives", "LineEditor", "LuaRuntime", "LuaSyntax", "PluginAuthoring", "PluginHost",
        "PrimitiveKit", "Reference", "Rollout", "RunbookHeader", "RunbookLint", "Runbooks", "RunReports", "Runs",
        "Scripting", "SecretPrimitives", "Site", "Specs", "SSH", "Subprocess",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "OpshTests",
      dependencies: [
        "LuaSyntax", "opsh", "OpshTesting", "PostgresTesting", "PrimitiveKit", "PseudoTerminal", "Reference",
        "Subprocess",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "IntegrationTests",
      dependencies: ["opsh", "opsh-lab", "opsh-lab-bot", "OpshLab", "OpshTesting", "PseudoTerminal", "Subprocess"],
      swiftSettings: settings
    ),

    // MARK: OpshLab
    .target(
      name: "OpshLab",
      dependencies: ["Foundations", "PrimitiveKit"],
      resources: [
        .embedInCode("Plugin/handover.lua"),
        .embedInCode("Plugin/handover_spec.lua"),
        .embedInCode("Plugin/init.lua"),
        .embedInCode("Plugin/init_spec.lua"),
        .embedInCode("Plugin/plugin.lua"), .embedInCode("Plugin/system.lua"),
        .embedInCode("Units/system-host.sh"),
        .embedInCode("Units/unit-host.sh"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(name: "opsh-lab", dependencies: ["OpshLab"], swiftSettings: settings),
    .executableTarget(
      name: "opsh-lab-bot",
      cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])],
      // A small static program: the driver would link the Swift runtime into this C program, 3 times its size in memory.
      linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-executable", "-Xlinker", "-s"])]
    ),
    .testTarget(
      name: "OpshLabTests",
      dependencies: ["Foundations", "opsh-lab", "opsh-lab-bot", "OpshLab", "PrimitiveKit"],
      swiftSettings: settings
    ),

    // MARK: OpshTesting
    .target(name: "OpshTesting", dependencies: ["PrimitiveKit"], path: "Tests/OpshTesting", swiftSettings: settings),

    // MARK: PluginAuthoring
    .target(
      name: "PluginAuthoring",
      dependencies: ["Foundations", "PrimitiveKit", "RunbookHeader", "RunbookLint", "Specs"],
      swiftSettings: settings
    ),

    // MARK: PluginHost
    .target(
      name: "PluginHost",
      dependencies: ["Foundations", "LuaRuntime", "LuaSyntax", "PrimitiveKit", "RunbookHeader", "Site"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "PluginHostTests",
      dependencies: [
        "Checks", "Foundations", "LuaRuntime", "OpshTesting", "PluginHost", "PrimitiveKit", "Reference",
        "Site",
      ],
      swiftSettings: settings
    ),

    // MARK: PostgresClient
    .target(
      name: "PostgresClient",
      dependencies: ["CPostgres", "EventLoop", "Foundations", "PrimitiveKit"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "PostgresClientTests",
      dependencies: ["EventLoop", "PostgresClient", "PostgresTesting", "PrimitiveKit"],
      swiftSettings: settings
    ),

    // MARK: PostgresTesting
    .target(
      name: "PostgresTesting",
      dependencies: ["PostgresClient"],
      path: "Tests/PostgresTesting",
      swiftSettings: settings
    ),

    // MARK: PrimitiveKit
    .target(name: "PrimitiveKit", dependencies: ["Cryptography", "Foundations"], swiftSettings: settings),
    .testTarget(name: "NameSetTests", dependencies: ["PrimitiveKit"], swiftSettings: settings),
    .testTarget(
      name: "PrimitiveKitTests",
      dependencies: ["Foundations", "OpshTesting", "PrimitiveKit"],
      swiftSettings: settings
    ),

    // MARK: PseudoTerminal
    .target(name: "PseudoTerminal", path: "Tests/PseudoTerminal", swiftSettings: settings),

    // MARK: Reference
    .target(name: "Reference", dependencies: ["Foundations", "PrimitiveKit"], swiftSettings: settings),
    .testTarget(
      name: "ReferenceTests",
      dependencies: ["PrimitiveKit", "Reference"],
      exclude: ["Snapshots"],
      swiftSettings: settings
    ),

    // MARK: Rollout
    .target(
      name: "Rollout",
      dependencies: ["PrimitiveKit"],
      resources: [.embedInCode("speeds.json")],
      swiftSettings: settings
    ),
    .testTarget(
      name: "RolloutTests",
      dependencies: ["OpshTesting", "PrimitiveKit", "Rollout"],
      swiftSettings: settings
    ),

    // MARK: RunbookHeader
    .target(
      name: "RunbookHeader",
      dependencies: ["Foundations", "LuaRuntime", "LuaSyntax", "PrimitiveKit", "Reference"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "RunbookHeaderTests",
      dependencies: ["Foundations", "LuaRuntime", "PrimitiveKit", "RunbookHeader"],
      exclude: ["Snapshots"],
      swiftSettings: settings
    ),

    // MARK: RunbookLint
    .target(
      name: "RunbookLint",
      dependencies: ["Foundations", "LuaRuntime", "LuaSyntax", "PrimitiveKit", "Reference", "RunbookHeader"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "RunbookLintTests",
      dependencies: ["Foundations", "LuaRuntime", "PrimitiveKit", "RunbookHeader", "RunbookLint", "Runbooks"],
      swiftSettings: settings
    ),

    // MARK: Runbooks
    .target(
      name: "Runbooks",
      dependencies: [
        "Foundations", "Journal", "LuaRuntime", "LuaSyntax", "PrimitiveKit", "Reference", "Rollout", "RunbookHeader",
        "Runs",
      ],
      resources: [.embedInCode("Job/job.lua")],
      swiftSettings: settings
    ),
    .testTarget(
      name: "RunbooksTests",
      dependencies: [
        "Approvals", "Foundations", "Journal", "JournalPrimitives", "JournalSQLite", "LuaRuntime", "OpshTesting",
        "PrimitiveKit", "Rollout", "RunbookHeader", "Runbooks", "Runs",
      ],
      swiftSettings: settings
    ),

    // MARK: RunReports
    .target(
      name: "RunReports",
      dependencies: ["Foundations", "Journal", "PrimitiveKit", "RunbookHeader", "Runs"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "RunReportsTests",
      dependencies: ["Journal", "PrimitiveKit", "RunReports", "Runs"],
      exclude: ["Snapshots"],
      swiftSettings: settings
    ),

    // MARK: Runs
    .target(name: "Runs", dependencies: ["Foundations", "Journal", "PrimitiveKit"], swiftSettings: settings),
    .testTarget(name: "RunsTests", dependencies: ["Journal", "PrimitiveKit", "Runs"], swiftSettings: settings),

    // MARK: Scripting
    .target(name: "Scripting", dependencies: ["Foundations", "PrimitiveKit"], swiftSettings: settings),
    .testTarget(
      name: "ScriptingTests",
      dependencies: [
        "Drivers", "Foundations", "HTTPClient", "LuaRuntime", "OpshTesting", "PrimitiveKit", "Scripting",
      ],
      swiftSettings: settings
    ),

    // MARK: SecretPrimitives
    .target(name: "SecretPrimitives", dependencies: ["PrimitiveKit"], swiftSettings: settings),
    .testTarget(
      name: "SecretTests",
      dependencies: [
        "Drivers", "Fleet", "Foundations", "HostScript", "LuaRuntime", "OpshTesting", "PrimitiveKit", "Scripting",
        "SecretPrimitives", "Site", "Subprocess",
      ],
      swiftSettings: settings
    ),

    // MARK: Site
    .target(name: "Site", dependencies: ["Foundations", "PrimitiveKit"], swiftSettings: settings),
    .testTarget(
      name: "SiteTests",
      dependencies: [
        "Approvals", "Fleet", "Journal", "LuaSyntax", "PluginHost", "PrimitiveKit", "Rollout", "Runbooks", "Site",
      ],
      swiftSettings: settings
    ),

    // MARK: Specs
    .target(
      name: "Specs",
      dependencies: [
        "Foundations", "Journal", "JournalSQLite", "LuaRuntime", "LuaSyntax", "PluginHost", "PrimitiveKit", "Rollout",
        "RunbookHeader", "Runbooks", "Runs", "Site",
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "RunbookSpecTests",
      dependencies: [
        "Checks", "Fleet", "Foundations", "JournalPrimitives", "PluginAuthoring", "PluginHost", "PrimitiveKit",
        "RunbookLint", "Runbooks", "Scripting", "Site", "Specs",
      ],
      exclude: ["specs"],
      swiftSettings: settings
    ),

    // MARK: SQLite
    .target(name: "SQLite", dependencies: ["CSQLite", "EventLoop"], swiftSettings: settings),
    .testTarget(name: "SQLiteTests", dependencies: ["SQLite"], swiftSettings: settings),

    // MARK: SSH
    .target(
      name: "SSH",
      dependencies: ["Cryptography", "CSSH2", "EventLoop", "Foundations", "PrimitiveKit"],
      swiftSettings: settings
    ),
    .testTarget(
      name: "SSHTests",
      dependencies: ["Cryptography", "EventLoop", "Foundations", "PrimitiveKit", "SSH"],
      swiftSettings: settings
    ),

    // MARK: Subprocess
    .target(name: "Subprocess", dependencies: ["CProcess"], swiftSettings: settings),
    .testTarget(name: "SubprocessTests", dependencies: ["Subprocess"], swiftSettings: settings),

    // MARK: Watching
    .testTarget(
      name: "WatchTests",
      dependencies: ["opsh", "PostgresTesting", "PseudoTerminal", "Subprocess"],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)

// `OPSH_TESTS="EventLoopTests LuaRuntimeTests"` leaves all other tests out: an optimized build of two takes a fraction.
if let only = Context.environment["OPSH_TESTS"]?.split(separator: " ").map(String.init) {
  package.targets.removeAll { $0.type == .test && !only.contains($0.name) }
}
