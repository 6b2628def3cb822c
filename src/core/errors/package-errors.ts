import { entry } from "./entry.js";

/** What travels to other machines. */
export const packageErrors = {
  "npm-missing": entry<{ packages: readonly string[]; wantedBy: string }>({
    when: "Packages have to be installed, and there is no npm on this machine.",
    message: ({ packages, wantedBy }) =>
      `${wantedBy} needs ${packages.join(", ")}, and there is no npm here to install ${packages.length === 1 ? "it" : "them"}.`,
    hint: () => "Install npm (it comes with Node), or put it on the PATH.",
  }),
  "npm-failed": entry<{ packages: readonly string[]; wantedBy: string; reason: string; isOffline: boolean }>({
    when: "npm could not install the packages of a step's @npm, or those of the platform that jobs run on.",
    message: ({ packages, wantedBy, reason }) => `npm could not install ${packages.join(", ")}, for ${wantedBy}:\n${reason}`,
    hint: ({ isOffline }) =>
      isOffline
        ? "Is this machine offline? Packages are installed once and then kept: run it once with a network."
        : "Check the names and versions; npm install in a new folder says the same.",
  }),
  "package-unwritable": entry<{ file: string; reason: string }>({
    when: "The file that millrace package is to write cannot be written.",
    message: ({ file, reason }) => `${file} cannot be written (${reason}).`,
    hint: () => "Name another file with --output.",
  }),
  "package-foreign": entry<{ packages: readonly string[]; platform: string }>({
    when: "A package has a native addon, and none for the platform that jobs run on.",
    message: ({ packages, platform }) => `There is no native addon for ${platform} in ${packages.join(", ")}.`,
    hint: () =>
      "Is the platform right (the key platform, or MILLRACE_PLATFORM)? Else use a package that brings addons for it, or keep the step at home with @local.",
  }),
};
