/**
 * How a worker's image comes to where engines can pull it: built from a checkout for the processors that the workers will
 * have, which need not be those of the machine that builds, and pushed.
 */

/** Processors by their names in stack/fleet.yaml, with those of `docker build --platform`. */
export const PLATFORMS = { X86_64: 'linux/amd64', ARM64: 'linux/arm64' } as const;

const IMAGE = 'REGISTRY/serverless-websocket-bench:1';

/** The commands for one platform; for nodes of both, docker takes both with a comma between them. */
export function imageSteps(platform: string = PLATFORMS.X86_64): string[] {
  return [
    `docker buildx build --platform ${platform} --file bench/fleet/Dockerfile --tag ${IMAGE} --push .`,
    "(REGISTRY on AWS is ACCOUNT.dkr.ecr.REGION.amazonaws.com, with a repository by 'aws ecr create-repository --repository-name serverless-websocket-bench',",
    "after 'aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY')",
  ];
}

/** For a user who lacks what runs the image. */
export function imageRemedy(then: string): string {
  const others = Object.values(PLATFORMS).join(' or ');
  return [`; at the root of a checkout, with --platform ${others}:`, ...imageSteps(), then]
    .filter((line) => line !== '')
    .join('\n  ');
}
